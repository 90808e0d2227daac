#include "node/tls/credentials.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "grpc/health/v1/health.grpc.pb.h"

using namespace std::chrono_literals;

namespace remit::node {
namespace {

TlsIdentity an_identity(const std::string& name, std::chrono::hours life = 24h) {
    return make_tls_identity(name, life).value();
}

std::shared_ptr<PeerList> a_list_of(const std::vector<const TlsIdentity*>& identities) {
    std::map<TransportPin, ListedPeer> peers;
    std::uint32_t id = 0;
    for (const auto* identity : identities) {
        const auto facts = read_certificate(identity->certificate_pem).value();
        peers[facts.pin] = {.name = facts.common_name, .participant_id = ++id};
    }
    return std::make_shared<PeerList>(std::move(peers));
}

/// Answers everybody who came through the handshake.
class AlwaysHealthy : public grpc::health::v1::Health::CallbackService {
    grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                    const grpc::health::v1::HealthCheckRequest* /*request*/,
                                    grpc::health::v1::HealthCheckResponse* response) override {
        response->set_status(grpc::health::v1::HealthCheckResponse::SERVING);
        pin = peer_pin(*context->auth_context());
        auto* reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

public:
    std::optional<TransportPin> pin;
};

/// A listener with the health service, and what its handshakes noticed.
struct LoopbackServer {
    TlsIdentity identity = an_identity("server");
    std::atomic<int> expired = 0;
    std::atomic<int> unlisted = 0;
    int port = 0;
    AlwaysHealthy service;
    std::unique_ptr<grpc::Server> server;

    explicit LoopbackServer(std::shared_ptr<PeerList> list) {
        grpc::ServerBuilder builder;
        builder.RegisterService(&service);
        builder.AddListeningPort(
            "127.0.0.1:0",
            pinned_server_credentials(identity, std::move(list),
                                      [this](HandshakeNotice notice, const CertificateFacts&) {
                                          (notice == HandshakeNotice::expired ? expired
                                                                              : unlisted)++;
                                      }),
            &port);
        server = builder.BuildAndStart();
    }

    [[nodiscard]] grpc::Status ask(
        const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
        const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), credentials);
        const auto stub = grpc::health::v1::Health::NewStub(channel);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + 30s);
        grpc::health::v1::HealthCheckResponse response;
        return stub->Check(&context, {}, &response);
    }
};

}  // namespace

TEST_CASE("tls: two listed parties talk", "[node][tls]") {
    const auto client = an_identity("client");
    LoopbackServer server(a_list_of({&client}));
    const auto status =
        server.ask(pinned_channel_credentials(client, a_list_of({&server.identity})));
    CAPTURE(status.error_message());
    REQUIRE(status.ok());
    REQUIRE(server.unlisted == 0);
    REQUIRE(server.service.pin == read_certificate(client.certificate_pem)->pin);
}

TEST_CASE("tls: a client that is not listed is refused in the handshake", "[node][tls]") {
    const auto client = an_identity("client");
    const auto stranger = an_identity("client");
    LoopbackServer server(a_list_of({&client}));
    const auto status =
        server.ask(pinned_channel_credentials(stranger, a_list_of({&server.identity})));
    REQUIRE(status.error_code() == grpc::StatusCode::UNAVAILABLE);
    REQUIRE(server.unlisted >= 1);
}

TEST_CASE("tls: a server that is not listed is refused by the client", "[node][tls]") {
    const auto client = an_identity("client");
    const auto other = an_identity("server");
    LoopbackServer server(a_list_of({&client}));
    const auto status = server.ask(pinned_channel_credentials(client, a_list_of({&other})));
    REQUIRE(status.error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("tls: no certificate and plain text are refused", "[node][tls]") {
    const auto client = an_identity("client");
    LoopbackServer server(a_list_of({&client}));
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = server.identity.certificate_pem;
    REQUIRE(server.ask(grpc::SslCredentials(options)).error_code() ==
            grpc::StatusCode::UNAVAILABLE);
    REQUIRE(server.ask(grpc::InsecureChannelCredentials()).error_code() ==
            grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("tls: an expired certificate of a listed key is accepted and told", "[node][tls]") {
    const auto client = an_identity("client", -1h);
    LoopbackServer server(a_list_of({&client}));
    REQUIRE(server.ask(pinned_channel_credentials(client, a_list_of({&server.identity}))).ok());
    REQUIRE(server.expired == 1);
}

TEST_CASE("tls: a pin taken off the list refuses the next connection", "[node][tls]") {
    const auto client = an_identity("client");
    const auto list = a_list_of({&client});
    LoopbackServer server(list);
    const auto credentials = pinned_channel_credentials(client, a_list_of({&server.identity}));
    REQUIRE(server.ask(credentials).ok());
    list->replace({});
    const auto again = pinned_channel_credentials(client, a_list_of({&server.identity}));
    REQUIRE_FALSE(server.ask(again).ok());
}

}  // namespace remit::node
