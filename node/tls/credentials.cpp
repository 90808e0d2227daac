#include "node/tls/credentials.h"

#include <grpc/support/log.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>
#include <map>
#include <vector>

namespace remit::node {

namespace {

namespace tls = grpc::experimental;

/// Compares the peer's public key with the list; gRPC calls it at the end of each handshake.
class PinVerifier : public tls::ExternalCertificateVerifier {
public:
    PinVerifier(std::shared_ptr<const PeerList> list, NoticeFunction notice)
        : list_(std::move(list)), notice_(std::move(notice)) {}

    bool Verify(tls::TlsCustomVerificationCheckRequest* request,
                std::function<void(grpc::Status)> /*callback*/,
                grpc::Status* sync_status) override {
        const auto pem = request->peer_cert();
        const auto facts = read_certificate({pem.data(), pem.size()});
        if (!facts) {
            tell(HandshakeNotice::unreadable, {});
            *sync_status = {grpc::StatusCode::UNAUTHENTICATED, "no readable certificate"};
        } else if (!list_->find(facts->pin)) {
            tell(HandshakeNotice::unlisted, *facts);
            *sync_status = {grpc::StatusCode::UNAUTHENTICATED, "certificate is not listed"};
        } else {
            if (facts->not_after_s < now_s()) {
                tell(HandshakeNotice::expired, *facts);
            }
            *sync_status = grpc::Status::OK;
        }
        return true;
    }

    void Cancel(tls::TlsCustomVerificationCheckRequest* /*request*/) override {}

private:
    static std::int64_t now_s() {
        return std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
    void tell(HandshakeNotice notice, const CertificateFacts& facts) const {
        if (notice_) {
            notice_(notice, facts);
        }
    }

    std::shared_ptr<const PeerList> list_;
    NoticeFunction notice_;
};

void fill(tls::TlsCredentialsOptions& options, std::shared_ptr<const PeerList> list,
          NoticeFunction notice) {
    options.watch_identity_key_cert_pairs();
    options.set_check_call_host(false);
    options.set_certificate_verifier(
        tls::ExternalCertificateVerifier::Create<PinVerifier>(std::move(list), std::move(notice)));
}

std::shared_ptr<tls::StaticDataCertificateProvider> provider_of(const TlsIdentity& identity) {
    // Our own certificate stands in for roots, which nothing asks: without any, gRPC would read the
    // system's list of authorities.
    return std::make_shared<tls::StaticDataCertificateProvider>(
        identity.certificate_pem,
        std::vector<tls::IdentityKeyCertPair>{
            {.private_key = identity.key_pem, .certificate_chain = identity.certificate_pem}});
}

std::function<void(std::string_view)>& log_sink() {
    static std::function<void(std::string_view)> sink;
    return sink;
}

}  // namespace

std::string_view name_of(HandshakeNotice notice) {
    switch (notice) {
        case HandshakeNotice::unlisted:
            return "unlisted";
        case HandshakeNotice::unreadable:
            return "unreadable";
        case HandshakeNotice::expired:
            return "expired";
    }
    return "unreadable";
}

std::shared_ptr<grpc::ServerCredentials> pinned_server_credentials(
    const TlsIdentity& identity, std::shared_ptr<const PeerList> list, NoticeFunction notice) {
    tls::TlsServerCredentialsOptions options(provider_of(identity));
    fill(options, std::move(list), std::move(notice));
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    return tls::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> pinned_channel_credentials(
    const TlsIdentity& identity, std::shared_ptr<const PeerList> list, NoticeFunction notice) {
    tls::TlsChannelCredentialsOptions options;
    options.set_certificate_provider(provider_of(identity));
    options.watch_root_certs();
    fill(options, std::move(list), std::move(notice));
    // There is no CA: the verifier above decides, by the key alone.
    options.set_verify_server_certs(false);
    return tls::TlsCredentials(options);
}

std::optional<TransportPin> peer_pin(const grpc::AuthContext& context) {
    const auto found = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (found.empty()) {
        return std::nullopt;
    }
    // Asked on every call, by few peers: parsing the certificate each time would cost more than
    // many a call.
    constexpr std::size_t remembered_max = 64;
    thread_local std::map<std::string, TransportPin, std::less<>> remembered;
    const std::string_view pem(found.front().data(), found.front().size());
    if (const auto at = remembered.find(pem); at != remembered.end()) {
        return at->second;
    }
    const auto facts = read_certificate(pem);
    if (!facts) {
        return std::nullopt;
    }
    if (remembered.size() >= remembered_max) {
        remembered.clear();
    }
    remembered.emplace(pem, facts->pin);
    return facts->pin;
}

void quiet_grpc_log(std::function<void(std::string_view line)> sink) {
    log_sink() = std::move(sink);
    gpr_set_log_function([](gpr_log_func_args* line) {
        if (line->severity == GPR_LOG_SEVERITY_ERROR && log_sink()) {
            log_sink()(line->message);
        }
    });
}

}  // namespace remit::node
