#include "gateway/channels.h"

#include <algorithm>
#include <sstream>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "node/ops/log.h"

namespace remit::gateway {

namespace {

constexpr int message_bytes_max = 16 * 1024 * 1024;
constexpr int streams_max = 1024;
constexpr int reconnect_ms_max = 1000;

void log_notice(node::HandshakeNotice notice, const node::CertificateFacts& facts) {
    node::log_warning("handshake", {{"notice", node::name_of(notice)},
                                    {"common_name", facts.common_name},
                                    {"pin", facts.pin.hex()}});
}

Result<node::ListedPeer, node::Failure> parse_peer(const std::string& name, const std::string& text,
                                                   node::TransportPin& pin) {
    std::istringstream words(text);
    std::string hex;
    std::uint32_t participant = 0;
    words >> hex;
    const auto parsed = node::TransportPin::parse_hex(hex);
    std::string rest;
    if (!parsed || (!words.eof() && !(words >> participant)) || (words >> rest)) {
        return node::fail_with(node::ExitCode::bad_configuration, "peers." + name + " is not a pin",
                               "write 64 hexadecimal digits, then the participant's number");
    }
    pin = *parsed;
    return node::ListedPeer{.name = name, .participant_id = participant};
}

}  // namespace

Result<Identity, node::Failure> Identity::load(const std::string& certificate,
                                               const std::string& key,
                                               const std::map<std::string, std::string>& pins,
                                               std::size_t calls) {
    Identity out;
    out.calls_ = std::make_shared<node::CallShares>(calls, std::max<std::size_t>(1, calls / 2));
    TRY_ASSIGN(out.identity_, node::read_tls_identity(certificate, key));
    std::map<node::TransportPin, node::ListedPeer> peers;
    for (const auto& [name, text] : pins) {
        node::TransportPin pin;
        TRY_ASSIGN(peers[pin], parse_peer(name, text, pin));
    }
    out.peers_ = std::make_shared<node::PeerList>(std::move(peers));
    return out;
}

std::shared_ptr<grpc::Channel> Identity::channel(const std::string& address) const {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(message_bytes_max);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, reconnect_ms_max);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, reconnect_ms_max / 5);
    return grpc::CreateCustomChannel(
        address, node::pinned_channel_credentials(identity_, peers_, log_notice), arguments);
}

node::PinnedServer::Settings Identity::server_settings() const {
    node::PinnedServer::Settings out;
    out.identity = identity_;
    out.peers = peers_;
    out.notice = log_notice;
    return out;
}

std::optional<node::ListedPeer> Identity::caller(const grpc::ServerContext& context) const {
    const auto auth = context.auth_context();
    const auto pin = auth ? node::peer_pin(*auth) : std::nullopt;
    return pin ? peers_->find(*pin) : std::nullopt;
}

Turn Identity::enter(const grpc::ServerContext& context) const {
    const auto auth = context.auth_context();
    const auto pin = (auth ? node::peer_pin(*auth) : std::nullopt).value_or(node::TransportPin());
    using Entry = node::CallShares::Entry;
    const auto entry = calls_->enter(pin);
    if (entry == Entry::taken) {
        return {calls_, pin};
    }
    return Turn(status_of(grpc::StatusCode::RESOURCE_EXHAUSTED, "EXHAUSTED",
                          entry == Entry::full ? "too many calls are in flight"
                                               : "this certificate's share of calls is in flight"));
}

Turn Identity::enter(const grpc::ServerContext& context, std::uint32_t participant) const {
    const auto peer = caller(context);
    if (peer && peer->participant_id == participant) {
        return enter(context);
    }
    return Turn(status_of(grpc::StatusCode::PERMISSION_DENIED, "NOT_YOUR_GATEWAY",
                          "this gateway does so for its own participant's certificates alone"));
}

Result<Listener, node::Failure> Listener::start(const node::Endpoint& listen,
                                                const Identity& identity, node::Metrics& metrics,
                                                const std::vector<grpc::Service*>& services) {
    auto settings = identity.server_settings();
    settings.name = "gateway.listen";
    settings.listen = listen;
    settings.received_bytes_max = message_bytes_max;
    settings.streams_max = streams_max;
    settings.ends_old_connections = true;
    settings.metrics = &metrics;
    Listener listener;
    TRY_ASSIGN(listener.server_, node::PinnedServer::start(settings, services));
    return listener;
}

void Listener::stop() {
    if (server_) {
        server_->stop();
    }
}

void set_deadline(grpc::ClientContext& context, std::chrono::milliseconds longest) {
    context.set_deadline(std::chrono::system_clock::now() + longest);
}

grpc::Status status_of(grpc::StatusCode code, const remit::v1::Refusal& refusal) {
    google::rpc::ErrorInfo info;
    info.set_reason(refusal.name());
    info.set_domain("remit");
    (*info.mutable_metadata())["iso_reason"] = refusal.iso_reason();
    (*info.mutable_metadata())["remedy"] = refusal.remedy();
    if (refusal.number() != 0) {
        (*info.mutable_metadata())["number"] = std::to_string(refusal.number());
    }
    google::rpc::Status status;
    status.set_code(code);
    status.set_message(refusal.meaning());
    status.add_details()->PackFrom(info);
    return {code, refusal.meaning(), status.SerializeAsString()};
}

grpc::Status status_of(grpc::StatusCode code, const std::string& reason, const std::string& text) {
    remit::v1::Refusal refusal;
    refusal.set_name(reason);
    refusal.set_meaning(text);
    return status_of(code, refusal);
}

remit::v1::Refusal refusal_of(const grpc::Status& status) {
    remit::v1::Refusal refusal;
    refusal.set_meaning(status.error_message());
    google::rpc::Status details;
    if (!details.ParseFromString(status.error_details())) {
        return refusal;
    }
    for (const auto& detail : details.details()) {
        google::rpc::ErrorInfo info;
        if (!detail.UnpackTo(&info)) {
            continue;
        }
        refusal.set_name(info.reason());
        const auto text_of = [&](const char* key) {
            const auto at = info.metadata().find(key);
            return at == info.metadata().end() ? std::string() : at->second;
        };
        refusal.set_iso_reason(text_of("iso_reason"));
        refusal.set_remedy(text_of("remedy"));
        refusal.set_number(
            static_cast<std::uint32_t>(std::strtoul(text_of("number").c_str(), nullptr, 10)));
    }
    return refusal;
}

bool is_silence(const grpc::Status& status) {
    switch (status.error_code()) {
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::DEADLINE_EXCEEDED:
        case grpc::StatusCode::CANCELLED:
        case grpc::StatusCode::ABORTED:
        case grpc::StatusCode::RESOURCE_EXHAUSTED:
        case grpc::StatusCode::INTERNAL:
        case grpc::StatusCode::UNKNOWN:
        case grpc::StatusCode::DATA_LOSS:
            return true;
        case grpc::StatusCode::OK:
        case grpc::StatusCode::INVALID_ARGUMENT:
        case grpc::StatusCode::NOT_FOUND:
        case grpc::StatusCode::ALREADY_EXISTS:
        case grpc::StatusCode::PERMISSION_DENIED:
        case grpc::StatusCode::UNAUTHENTICATED:
        case grpc::StatusCode::FAILED_PRECONDITION:
        case grpc::StatusCode::OUT_OF_RANGE:
        case grpc::StatusCode::UNIMPLEMENTED:
        case grpc::StatusCode::DO_NOT_USE:
            return false;
    }
    return true;
}

}  // namespace remit::gateway
