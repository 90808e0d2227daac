#include "tools/devnet/configuration.h"

#include <fstream>

#include "tools/devnet/genesis_file.h"

namespace remit::devnet {
namespace {

std::string address(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

std::string entry(const std::string& key, const std::string& text) {
    return key + " = " + quoted(text) + "\n";
}

Status<cli::Failure> write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << text;
    if (!file.flush()) {
        return fail(cli::Failure{"WRITE_FAILED", "cannot write " + path.string(),
                                 "free space or mend the folder's permissions",
                                 cli::ExitCode::bad_configuration});
    }
    return {};
}

std::string node_toml(const Network& network, const Process& process, const Ports& ports) {
    const auto index = process.participant_id - 1;
    std::string toml = "# A validator of a devnet.\n[node]\n" + entry("name", process.name) +
                       entry("data", "data") + entry("genesis", network.genesis_file().string());
    if (const auto* signer = network.of(ProcessKind::signer, process.participant_id)) {
        toml += "[signer]\n" + entry("socket", signer->api);
    } else {
        toml += entry("key", network.key_file(process.name, "VALIDATE").string());
    }
    toml += "[tls]\n" + entry("certificate", "tls.crt") + entry("key", "tls.key");
    toml += "[peer]\n" + entry("listen", address(ports.node_peers(index)));
    toml += "[api]\n" + entry("listen", process.api) + "reflection = true\n";
    toml += "[ops]\n" + entry("listen", process.ops);
    toml += "[log]\n" + entry("level", "info") + "[peers]\n";
    for (const auto* other : network.of_kind(ProcessKind::node)) {
        if (other->name != process.name) {
            toml +=
                entry(quoted(other->name), address(ports.node_peers(other->participant_id - 1)));
        }
    }
    return toml;
}

std::string signer_toml(const Network& network, const Process& process) {
    const auto& owner = network.member_name(process.participant_id);
    return "# The key of a validator of a devnet.\n[signer]\n" + entry("data", "data") +
           entry("socket", process.api) + entry("genesis", network.genesis_file().string()) +
           entry("key", network.key_file(owner, "VALIDATE").string()) + "[log]\n" +
           entry("level", "info");
}

/// Sections every gateway has, and the pins of all it may speak with.
std::string gateway_head(const Network& network, const Process& process,
                         const Identities& identities) {
    std::string toml = "[gateway]\n" + entry("name", process.name) + entry("data", "data") +
                       entry("listen", process.api) + entry("ops_listen", process.ops) +
                       entry("log_level", "info") + "[tls]\n" + entry("certificate", "tls.crt") +
                       entry("key", "tls.key") + "[peers]\n";
    for (const auto& other : network.processes) {
        if (!other.has_listeners()) {
            continue;
        }
        const auto& pin = identities.processes.at(other.name).pin;
        toml += entry(quoted(other.name), pin.hex() + " " + std::to_string(other.participant_id));
    }
    for (const auto& member : network.members) {
        const auto& pin = identities.clients.at(member.name).pin;
        toml += entry(quoted("client-" + member.name), pin.hex() + " " + std::to_string(member.id));
    }
    return toml;
}

/// The node of the gateway's own participant first, the others behind it.
std::string ledger_section(const Network& network, const Process& process) {
    std::string nodes;
    for (const bool own : {true, false}) {
        for (const auto* node : network.of_kind(ProcessKind::node)) {
            if ((node->participant_id == process.participant_id) == own) {
                nodes += (nodes.empty() ? "" : ", ") + quoted(node->api);
            }
        }
    }
    return "[ledger]\n" + entry("genesis", network.genesis_file().string()) +
           "participant = " + std::to_string(process.participant_id) + "\nnodes = [" + nodes +
           "]\nspread = true\n";
}

std::string wallet_toml(const Plan& plan, const Network& network, const Process& process,
                        const Identities& identities) {
    const auto& member = network.member_name(process.participant_id);
    const auto* rail = network.of(ProcessKind::rail, process.participant_id);
    const auto* bank = network.of(ProcessKind::bank, id_of(Place::bank));
    const auto* clearing = network.of(ProcessKind::rail, id_of(Place::bank));
    std::string toml = gateway_head(network, process, identities);
    toml += ledger_section(network, process) + "[rail]\n" + entry("address", rail->api);
    toml += "[keys]\n" + entry("operate", network.key_file(member, "OPERATE").string());
    toml += "[wallet]\n" + entry("expires_in", std::to_string(plan.escrow_seconds) + "s");
    toml += "[makers]\n" + entry(quoted(std::to_string(id_of(Place::maker))), bank->api);
    for (const auto* maker : network.of_kind(ProcessKind::maker)) {
        toml += entry(quoted(std::to_string(maker->participant_id)), maker->api);
    }
    toml += "[clearing]\n" + entry("address", clearing->api) + "[operators]\n";
    for (const auto* other : network.of_kind(ProcessKind::wallet)) {
        if (other->name != process.name) {
            toml += entry(quoted(std::to_string(other->participant_id)), other->api);
        }
    }
    return toml;
}

std::string maker_toml(const Network& network, const Process& process,
                       const Identities& identities) {
    const auto& member = network.member_name(process.participant_id);
    const auto* clearing = network.of(ProcessKind::rail, id_of(Place::bank));
    return gateway_head(network, process, identities) + ledger_section(network, process) +
           "[keys]\n" + entry("quote", network.key_file(member, "QUOTE").string()) +
           "[clearing]\n" + entry("address", clearing->api) + "[maker]\nspread_bps = 15\n" +
           entry("quote_life", "60s") + "open_quotes_max = 100000\n";
}

std::string bank_toml(const Plan& plan, const Network& network, const Process& process,
                      const Identities& identities) {
    const auto* rail = network.of(ProcessKind::rail, process.participant_id);
    std::string toml = gateway_head(network, process, identities);
    toml += ledger_section(network, process) + "[rail]\n" + entry("address", rail->api);
    toml += "[keys]\n" + entry("bank", network.key_file(plan.name(Place::bank), "BANK").string()) +
            entry("quote", network.key_file(plan.name(Place::maker), "QUOTE").string());
    toml += "[bank]\n" + entry("rates", (network.folder / "rates.csv").string()) +
            entry("mark_life", "1h") + entry("attest_every", "1h");
    return toml + "[maker]\nparticipant = " + std::to_string(id_of(Place::maker)) +
           "\nspread_bps = 20\n" + entry("quote_life", "60s") +
           "open_quotes_max = 100000\npays_from_own = true\n";
}

std::string rail_toml(const Network& network, const Process& process,
                      const Identities& identities) {
    std::string toml = gateway_head(network, process, identities) +
                       "[rail]\nparticipant = " + std::to_string(process.participant_id) +
                       "\nadmin = true\n[accounts]\n";
    const auto account = [&](const std::string& name, std::int64_t minor) {
        toml += entry(quoted(name), std::to_string(minor));
    };
    if (process.participant_id != id_of(Place::bank)) {
        for (const auto& member : network.members) {
            if (member.id == process.participant_id) {
                account("operator/" + member.currency, 0);
            }
        }
        return toml;
    }
    for (const auto& cash : opening_cash(network)) {
        const auto tail =
            "/" + std::to_string(cash.participant_id) + "/" + network.currency_of(cash.asset_id);
        account("reserve" + tail, cash.reserve_minor);
        account("cover" + tail, cash.cover_minor);
        account("own" + tail, cash.own_minor);
    }
    for (const auto& asset : network.assets) {
        account("clearing/" + asset.currency, 0);
    }
    return toml;
}

void add_gateways(const Plan& plan, const Ports& ports, const std::filesystem::path& programs,
                  Network& network) {
    constexpr Place with_gateway[] = {Place::payer_operator, Place::payee_operator, Place::bank};
    // Rails first: gateways look for theirs when they start.
    for (std::size_t i = 0; i < std::size(with_gateway); ++i) {
        const auto& owner = plan.name(with_gateway[i]);
        const auto folder = plan.folder / "rails" / ("rail-" + owner);
        network.processes.push_back({"rail-" + owner,
                                     ProcessKind::rail,
                                     id_of(with_gateway[i]),
                                     address(ports.rail(i)),
                                     address(ports.rail_ops(i)),
                                     folder,
                                     programs / "remit-gateway",
                                     {"rail", "--config", (folder / "gateway.toml").string()}});
    }
    const auto add = [&](Place place, ProcessKind kind, std::size_t i) {
        const auto name = "gateway-" + plan.name(place);
        const auto folder = plan.folder / "gateways" / name;
        network.processes.push_back(
            {name,
             kind,
             id_of(place),
             address(ports.gateway_api(i)),
             address(ports.gateway_ops(i)),
             folder,
             programs / "remit-gateway",
             {std::string(name_of(kind)), "--config", (folder / "gateway.toml").string()}});
    };
    for (std::size_t i = 0; i < std::size(with_gateway); ++i) {
        add(with_gateway[i],
            with_gateway[i] == Place::bank ? ProcessKind::bank : ProcessKind::wallet, i);
    }
    if (plan.has_second_maker()) {
        add(Place::second_maker, ProcessKind::maker, std::size(with_gateway));
    }
}

void add_signers(const Plan& plan, const std::filesystem::path& programs, Network& network) {
    for (std::size_t i = 0; i < organisations; ++i) {
        const auto name = "signer-" + plan.names[i];
        const auto folder = plan.folder / "signers" / name;
        network.processes.push_back({name,
                                     ProcessKind::signer,
                                     static_cast<std::uint32_t>(i + 1),
                                     (folder / "socket").string(),
                                     "",
                                     folder,
                                     programs / "remit-signer",
                                     {"run", "--config", (folder / "signer.toml").string()}});
    }
}

}  // namespace

Network lay_out(const Plan& plan, const Ports& ports, const std::filesystem::path& programs) {
    Network network;
    network.folder = plan.folder;
    network.name = "devnet";
    network.base_port = ports.base;
    network.members = {
        {id_of(Place::payer_operator),
         plan.name(Place::payer_operator),
         {"OPERATOR", "VALIDATOR"},
         "HKD"},
        {id_of(Place::payee_operator),
         plan.name(Place::payee_operator),
         {"OPERATOR", "VALIDATOR"},
         "PHP"},
        {id_of(Place::bank), plan.name(Place::bank), {"CLEARING_BANK", "VALIDATOR"}, ""},
        {id_of(Place::regulator), plan.name(Place::regulator), {"REGULATOR", "VALIDATOR"}, ""},
        {id_of(Place::maker), plan.name(Place::maker), {"MARKET_MAKER"}, ""}};
    if (plan.has_second_maker()) {
        network.members.push_back(
            {id_of(Place::second_maker), plan.name(Place::second_maker), {"MARKET_MAKER"}, ""});
    }
    network.assets = {{hkd_id, "HKD", 2}, {php_id, "PHP", 2}};
    for (std::size_t i = 0; i < organisations; ++i) {
        const auto folder = plan.folder / "nodes" / plan.names[i];
        network.processes.push_back({plan.names[i],
                                     ProcessKind::node,
                                     static_cast<std::uint32_t>(i + 1),
                                     address(ports.node_api(i)),
                                     address(ports.node_ops(i)),
                                     folder,
                                     programs / "remit-node",
                                     {"run", "--config", (folder / "node.toml").string()}});
    }
    if (plan.signers) {
        add_signers(plan, programs, network);
    }
    if (plan.gateways) {
        add_gateways(plan, ports, programs, network);
    }
    return network;
}

Status<cli::Failure> write_configurations(const Plan& plan, const Network& network,
                                          const Ports& ports, const Identities& identities) {
    for (const auto& process : network.processes) {
        switch (process.kind) {
            case ProcessKind::node:
                TRY(write_file(process.folder / "node.toml", node_toml(network, process, ports)));
                break;
            case ProcessKind::wallet:
                TRY(write_file(process.folder / "gateway.toml",
                               wallet_toml(plan, network, process, identities)));
                break;
            case ProcessKind::bank:
                TRY(write_file(process.folder / "gateway.toml",
                               bank_toml(plan, network, process, identities)));
                break;
            case ProcessKind::maker:
                TRY(write_file(process.folder / "gateway.toml",
                               maker_toml(network, process, identities)));
                break;
            case ProcessKind::rail:
                TRY(write_file(process.folder / "gateway.toml",
                               rail_toml(network, process, identities)));
                break;
            case ProcessKind::signer:
                TRY(write_file(process.folder / "signer.toml", signer_toml(network, process)));
                break;
        }
    }
    return {};
}

}  // namespace remit::devnet
