#include "tools/cli/connection.h"

#include <chrono>
#include <map>

#include "node/tls/credentials.h"
#include "tools/cli/own_codes.h"

namespace remit::cli {
namespace {

constexpr int message_bytes_max = 16 * 1024 * 1024;

tl::unexpected<Failure> unreachable(const std::string& whom, const std::string& address) {
    return fail(Failure{"UNREACHABLE", whom + " does not answer at " + address,
                        "see remit devnet status; nothing was sent", ExitCode::unhealthy});
}

Failure from(const node::Failure& failure, std::string code) {
    return Failure{std::move(code), failure.message, failure.help,
                   static_cast<ExitCode>(static_cast<int>(failure.exit))};
}

/// Waits until the channel is connected or its first attempt failed.
bool is_connected(grpc::Channel& channel, int patience_ms) {
    const auto until = std::chrono::system_clock::now() + std::chrono::milliseconds(patience_ms);
    auto state = channel.GetState(true);
    while (state != GRPC_CHANNEL_READY) {
        if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN ||
            !channel.WaitForStateChange(state, until)) {
            return false;
        }
        state = channel.GetState(true);
    }
    return true;
}

}  // namespace

Failure failure_of(const v1::Refusal& refusal) {
    auto help = refusal.remedy().empty() ? remedy_of(refusal.name()) : refusal.remedy();
    if (!remedy_of(refusal.name()).empty()) {
        help += " (remit explain " + refusal.name() + ")";
    }
    return Failure{refusal.name(), refusal.meaning(), help, ExitCode::rejected};
}

Result<std::shared_ptr<grpc::Channel>, Failure> connect(const devnet::Network& network,
                                                        const devnet::Process& process,
                                                        const std::string& as, int patience_ms) {
    const auto identity = node::read_tls_identity(network.client_folder(as));
    if (!identity) {
        return fail(from(identity.error(), "NO_CERTIFICATE"));
    }
    const auto server = node::read_tls_identity(process.folder);
    if (!server) {
        return fail(from(server.error(), "NO_CERTIFICATE"));
    }
    const auto facts = node::read_certificate(server->certificate_pem);
    if (!facts) {
        return fail(from(facts.error(), "NO_CERTIFICATE"));
    }
    const auto list =
        std::make_shared<const node::PeerList>(std::map<node::TransportPin, node::ListedPeer>{
            {facts->pin, node::ListedPeer{process.name, process.participant_id}}});
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(message_bytes_max);
    arguments.SetMaxSendMessageSize(message_bytes_max);
    // One command, one connection: never a stale one from another address of this program.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel = grpc::CreateCustomChannel(
        process.api, node::pinned_channel_credentials(*identity, list), arguments);
    if (!is_connected(*channel, patience_ms)) {
        return unreachable(process.name, process.api);
    }
    return channel;
}

Result<Session, Failure> Session::open(const Settings& settings) {
    node::quiet_grpc_log([](std::string_view) {});
    TRY_ASSIGN(auto network, devnet::Network::load(settings.state_folder));
    if (!settings.as.empty()) {
        TRY(network.member(settings.as));
    }
    return Session(std::move(network), settings);
}

std::string Session::acting(const std::string& fallback) const {
    return settings_.as.empty() ? fallback : settings_.as;
}

namespace {

constexpr int patience_ms = 3'000;

tl::unexpected<Failure> no_bank() {
    return usage("this network has no bank gateway",
                 "start one without --bare: remit devnet up --state DIR");
}

Result<Connection, Failure> to(const devnet::Network& network, const devnet::Process& process,
                               const std::string& as) {
    TRY_ASSIGN(auto channel, connect(network, process, as, patience_ms));
    return Connection{std::move(channel), process.name};
}

}  // namespace

Result<Connection, Failure> Session::ledger() const {
    if (!settings_.node.empty()) {
        return ledger(settings_.node);
    }
    Failure last{"UNREACHABLE", "the network has no node", "start one with remit devnet up",
                 ExitCode::unhealthy};
    for (const auto* node : network_.of_kind(devnet::ProcessKind::node)) {
        auto connection = to(network_, *node, acting(network_.member_name(node->participant_id)));
        if (connection || connection.error().exit != ExitCode::unhealthy) {
            return connection;
        }
        last = connection.error();
    }
    return fail(std::move(last));
}

Result<Connection, Failure> Session::ledger(const std::string& node_name) const {
    TRY_ASSIGN(const auto* node, network_.process(node_name));
    if (node->kind != devnet::ProcessKind::node) {
        return usage(node_name + " is no validator",
                     "name one of the first four of remit devnet status");
    }
    return to(network_, *node, acting(network_.member_name(node->participant_id)));
}

Result<Connection, Failure> Session::wallet(const std::string& operator_name) const {
    TRY_ASSIGN(const auto* member, network_.member(operator_name));
    const auto* gateway = network_.of(devnet::ProcessKind::wallet, member->id);
    if (gateway == nullptr) {
        return usage(operator_name + " has no wallet gateway",
                     "name an operator, as remit devnet status lists gateways of kind wallet");
    }
    return to(network_, *gateway, acting(operator_name));
}

Result<Connection, Failure> Session::bank() const {
    const auto banks = network_.of_kind(devnet::ProcessKind::bank);
    if (banks.empty()) {
        return no_bank();
    }
    const auto own = network_.member_name(banks.front()->participant_id);
    return to(network_, *banks.front(), acting(own));
}

Result<std::vector<std::string>, Failure> Session::desks() const {
    std::vector<std::string> names;
    for (const auto kind : {devnet::ProcessKind::bank, devnet::ProcessKind::maker}) {
        for (const auto* process : network_.of_kind(kind)) {
            names.push_back(process->name);
        }
    }
    if (names.empty()) {
        return no_bank();
    }
    return names;
}

Result<Connection, Failure> Session::gateway(const std::string& process_name,
                                             const std::string& fallback) const {
    TRY_ASSIGN(const auto* process, network_.process(process_name));
    if (process->kind == devnet::ProcessKind::node || process->kind == devnet::ProcessKind::rail) {
        return usage(process_name + " is no gateway",
                     "name one like gateway-alipayhk, as remit devnet status lists them");
    }
    const auto own = network_.member_name(process->participant_id);
    return to(network_, *process, acting(fallback.empty() ? own : fallback));
}

Result<Connection, Failure> Session::rail(const std::string& process_name) const {
    TRY_ASSIGN(const auto* rail, network_.process(process_name));
    if (rail->kind != devnet::ProcessKind::rail) {
        return usage(process_name + " is no rail",
                     "name one like rail-alipayhk, as remit devnet status lists them");
    }
    return to(network_, *rail, acting(network_.member_name(rail->participant_id)));
}

}  // namespace remit::cli
