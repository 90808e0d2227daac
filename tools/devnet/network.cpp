#include "tools/devnet/network.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "node/ops/config.h"
#include "tools/cli/amount.h"

namespace remit::devnet {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view manifest_name = "devnet.json";
constexpr std::string_view kind_names[] = {"node", "wallet", "bank", "maker", "rail", "signer"};

ProcessKind kind_from(const std::string& name) {
    for (std::size_t i = 0; i < std::size(kind_names); ++i) {
        if (kind_names[i] == name) {
            return static_cast<ProcessKind>(i);
        }
    }
    throw std::runtime_error("unknown kind of process " + name);
}

Json to_json(const Process& process, const std::filesystem::path& folder) {
    return {{"name", process.name},
            {"kind", std::string(name_of(process.kind))},
            {"participant_id", process.participant_id},
            {"api", process.api},
            {"ops", process.ops},
            {"folder", process.folder.lexically_relative(folder).string()},
            {"program", process.program.string()},
            {"arguments", process.arguments}};
}

Process process_from(const Json& json, const std::filesystem::path& folder) {
    Process process;
    process.name = json.at("name");
    process.kind = kind_from(json.at("kind"));
    process.participant_id = json.at("participant_id");
    process.api = json.at("api");
    process.ops = json.at("ops");
    process.folder = folder / json.at("folder").get<std::string>();
    process.program = json.at("program").get<std::string>();
    process.arguments = json.at("arguments").get<std::vector<std::string>>();
    return process;
}

Network network_from(const Json& json, const std::filesystem::path& folder) {
    Network network;
    network.folder = folder;
    network.name = json.at("network");
    network.base_port = json.at("base_port");
    network.chain_id = Hash::parse_hex(json.at("chain_id").get<std::string>()).value();
    for (const auto& member : json.at("participants")) {
        network.members.push_back(
            {member.at("id"), member.at("name"), member.at("roles"), member.at("currency")});
    }
    for (const auto& asset : json.at("assets")) {
        network.assets.push_back({asset.at("id"), asset.at("currency"), asset.at("exponent")});
    }
    for (const auto& process : json.at("processes")) {
        network.processes.push_back(process_from(process, folder));
    }
    for (const auto& wallet : json.at("wallets")) {
        network.wallets.push_back(
            {wallet.at("name"), wallet.at("operator"), wallet.at("currency")});
    }
    return network;
}

template <class Items>
auto find_named(const Items& items, const std::string& wanted, const std::string& what,
                std::string Items::value_type::* name)
    -> Result<const typename Items::value_type*, cli::Failure> {
    std::vector<std::string> names;
    for (const auto& item : items) {
        if (item.*name == wanted) {
            return &item;
        }
        names.push_back(item.*name);
    }
    const auto guess = node::nearest_of(wanted, names);
    std::string all;
    for (const auto& known : names) {
        all += (all.empty() ? "" : ", ") + known;
    }
    return cli::usage("there is no " + what + " '" + wanted + "'",
                      guess.empty() ? "known: " + all : "did you mean " + guess + "?");
}

}  // namespace

std::string_view name_of(ProcessKind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

Status<cli::Failure> Network::remove() const {
    std::error_code error;
    // The manifest goes last: until then `down --wipe` may be repeated.
    for (const auto* entry : {"clients", "gateways", "keys", "nodes", "rails", "signers",
                              "genesis.bin", "rates.csv", "devnet.json.new", "devnet.json"}) {
        std::filesystem::remove_all(folder / entry, error);
        if (error) {
            return fail(cli::Failure{
                "WRITE_FAILED",
                "cannot remove " + (folder / entry).string() + ": " + error.message(),
                "mend the folder's permissions and repeat it", cli::ExitCode::bad_configuration});
        }
    }
    // Fails when somebody has put something of his own there: that stays.
    std::filesystem::remove(folder, error);
    return {};
}

Result<Network, cli::Failure> Network::load(const std::filesystem::path& folder) {
    std::error_code odd;
    const auto absolute = std::filesystem::absolute(folder, odd).lexically_normal();
    std::ifstream file(absolute / manifest_name);
    if (!file) {
        return fail(cli::Failure{"NO_NETWORK", "there is no network in " + folder.string(),
                                 "start one with remit devnet up, or name its folder with --state",
                                 cli::ExitCode::bad_configuration});
    }
    try {
        return network_from(Json::parse(file), absolute);
    } catch (const std::exception& error) {
        return fail(cli::Failure{"BAD_NETWORK",
                                 (absolute / manifest_name).string() + ": " + error.what(),
                                 "stop its processes if any run, remove the folder and make the "
                                 "network anew with remit devnet up",
                                 cli::ExitCode::bad_configuration});
    }
}

Status<cli::Failure> Network::save() const {
    Json json = {{"network", name},         {"chain_id", chain_id.hex()},
                 {"base_port", base_port},  {"participants", Json::array()},
                 {"assets", Json::array()}, {"processes", Json::array()},
                 {"wallets", Json::array()}};
    for (const auto& member : members) {
        json["participants"].push_back({{"id", member.id},
                                        {"name", member.name},
                                        {"roles", member.roles},
                                        {"currency", member.currency}});
    }
    for (const auto& asset : assets) {
        json["assets"].push_back(
            {{"id", asset.id}, {"currency", asset.currency}, {"exponent", asset.exponent}});
    }
    for (const auto& process : processes) {
        json["processes"].push_back(to_json(process, folder));
    }
    for (const auto& wallet : wallets) {
        json["wallets"].push_back({{"name", wallet.name},
                                   {"operator", wallet.operator_name},
                                   {"currency", wallet.currency}});
    }
    // Beside and renamed: a reader never sees half a file.
    const auto beside = folder / (std::string(manifest_name) + ".new");
    std::error_code error;
    std::ofstream file(beside, std::ios::trunc);
    file << json.dump(2) << "\n";
    const bool written = static_cast<bool>(file.flush());
    std::filesystem::rename(beside, folder / manifest_name, error);
    if (!written || error) {
        return fail(cli::Failure{
            "WRITE_FAILED", "cannot write " + (folder / manifest_name).string(),
            "free space or mend the folder's permissions", cli::ExitCode::bad_configuration});
    }
    return {};
}

std::filesystem::path Network::key_file(const std::string& member,
                                        const std::string& purpose) const {
    std::string file = purpose + ".key";
    std::transform(file.begin(), file.end(), file.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return folder / "keys" / member / file;
}

Result<const Process*, cli::Failure> Network::process(const std::string& wanted) const {
    return find_named(processes, wanted, "process", &Process::name);
}

Result<const Member*, cli::Failure> Network::member(const std::string& wanted) const {
    return find_named(members, wanted, "participant", &Member::name);
}

Result<const NetworkAsset*, cli::Failure> Network::asset(const std::string& currency) const {
    return find_named(assets, currency, "currency", &NetworkAsset::currency);
}

std::vector<const Process*> Network::of_kind(ProcessKind kind) const {
    std::vector<const Process*> found;
    for (const auto& process : processes) {
        if (process.kind == kind) {
            found.push_back(&process);
        }
    }
    return found;
}

const Process* Network::of(ProcessKind kind, std::uint32_t participant_id) const {
    for (const auto& process : processes) {
        if (process.kind == kind && process.participant_id == participant_id) {
            return &process;
        }
    }
    return nullptr;
}

std::string Network::member_name(std::uint32_t id) const {
    for (const auto& member : members) {
        if (member.id == id) {
            return member.name;
        }
    }
    return id == 0 ? "-" : "#" + std::to_string(id);
}

std::string Network::currency_of(std::uint32_t asset_id) const {
    for (const auto& asset : assets) {
        if (asset.id == asset_id) {
            return asset.currency;
        }
    }
    return "#" + std::to_string(asset_id);
}

std::string Network::amount(std::int64_t minor, std::uint32_t asset_id) const {
    for (const auto& asset : assets) {
        if (asset.id == asset_id) {
            return cli::amount_text(minor, asset.exponent, asset.currency);
        }
    }
    return cli::amount_text(minor, 0, currency_of(asset_id));
}

}  // namespace remit::devnet
