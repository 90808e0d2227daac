#include "test/support/devnet/devnet.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "consensus/codec.h"
#include "consensus/params.h"
#include "node/seams/key_file.h"
#include "test/support/node/free_port.h"

namespace remit::test {

namespace {

using ledger::ParticipantId;

const std::vector<std::string> all_names{"alipayhk", "gcash", "clearbank", "regulator"};

/// The regulator has every machine behind the first four.
ParticipantId owner_of(std::size_t node) {
    return {static_cast<std::uint32_t>(std::min(node + 1, all_names.size()))};
}

std::vector<std::string> validator_names(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(i < all_names.size() ? all_names[i] : "validator" + std::to_string(i + 1));
    }
    return out;
}

SecretKey key_of(std::size_t participant, KeyPurpose purpose) {
    const auto name = std::to_string(participant) + "/" + std::string(name_of(purpose));
    KeySeed seed;
    seed.data = hash(domain::hello, name).data;
    return SecretKey(seed);
}

KeySeed seed_of(std::size_t participant, KeyPurpose purpose) {
    KeySeed seed;
    seed.data =
        hash(domain::hello, std::to_string(participant) + "/" + std::string(name_of(purpose))).data;
    return seed;
}

/// Whose name the n-th VALIDATE key of a node is made from, n from 1. Participants are few: later
/// keys are nobody's first.
std::size_t maker_of(std::size_t node, std::size_t nth) {
    return node + 1 + 100 * (nth - 1);
}
constexpr std::size_t keys_each = 3;
const std::vector<std::string> key_files{"validate.key", "next.key", "third.key"};

void write_text(const std::filesystem::path& path, ByteView text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    if (!out.flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

Hash pin_of(const node::TlsIdentity& identity) {
    return Hash{node::read_certificate(identity.certificate_pem)->pin.data};
}

std::vector<ledger::Role> roles_of(std::size_t index) {
    using ledger::Role;
    switch (index) {
        case 0:
        case 1:
            return {Role::wallet_operator, Role::validator};
        case 2:
            return {Role::clearing_bank, Role::validator};
        default:
            return {Role::regulator, Role::validator};
    }
}

}  // namespace

Devnet::Devnet(std::size_t validators, std::size_t joiners, std::uint64_t epoch_blocks,
               const consensus::Params& params)
    : validators_(validators),
      epoch_blocks_(epoch_blocks),
      names_(validator_names(validators)),
      ports_(node::free_ports(3 * (validators + joiners))),
      client_(node::make_tls_identity("client").value()),
      other_client_(node::make_tls_identity("other client").value()),
      processes_(validators + joiners),
      programs_(validators + joiners, "remit-node") {
    init_crypto();
    for (std::size_t i = 0; i < joiners; ++i) {
        names_.push_back("joiner" + std::to_string(i + 1));
    }
    for (const auto& name : names_) {
        identities_.push_back(node::make_tls_identity(name).value());
    }
    write_genesis(params);
    for (std::size_t i = 0; i < names_.size(); ++i) {
        write_node(i);
    }
}

Devnet::~Devnet() = default;

SecretKey Devnet::govern_key(std::size_t participant) {
    return key_of(participant, KeyPurpose::govern);
}

PublicKey Devnet::validate_key(std::size_t node, std::size_t nth) {
    return key_of(maker_of(node, nth), KeyPurpose::validate).public_key();
}

ledger::EpochValidator Devnet::planned(std::size_t node) const {
    const bool joins = node >= validators_;
    return {.participant = joins ? owner_of(all_names.size()) : owner_of(node),
            .name = names_[node],
            .validate_key = validate_key(node),
            .transport_pin = pin_of(identities_[node]),
            .address = "127.0.0.1:" + std::to_string(peer_port(node))};
}

SecretKey Devnet::operate_key() {
    return key_of(1, KeyPurpose::operate);
}

void Devnet::write_genesis(const consensus::Params& params) {
    ledger::Genesis genesis;
    genesis.network = "test-net";
    genesis.devnet = true;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    genesis.time = {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
    genesis.consensus_params = consensus::encode(params);
    for (std::size_t i = 0; i < all_names.size(); ++i) {
        ledger::GenesisParticipant entry;
        entry.participant.id = ParticipantId{static_cast<std::uint32_t>(i + 1)};
        entry.participant.name = all_names[i];
        entry.participant.roles = roles_of(i);
        for (const auto purpose : {KeyPurpose::operate, KeyPurpose::govern}) {
            entry.keys.push_back({key_of(i + 1, purpose).public_key(), purpose});
        }
        if (i < 2) {
            entry.keys.push_back(
                {PublicKey{pin_of(i == 0 ? client_ : other_client_).data}, KeyPurpose::transport});
        }
        if (epoch_blocks_ > 0 && i < validators_) {
            for (std::size_t nth = 2; nth <= keys_each; ++nth) {
                entry.keys.push_back({validate_key(i, nth), KeyPurpose::validate});
            }
        }
        if (i + 1 == all_names.size()) {
            for (auto joiner = validators_; joiner < names_.size(); ++joiner) {
                entry.keys.push_back(
                    {key_of(joiner + 1, KeyPurpose::validate).public_key(), KeyPurpose::validate});
            }
        }
        genesis.participants.push_back(std::move(entry));
    }
    if (epoch_blocks_ > 0) {
        genesis.epoch_blocks = epoch_blocks_;
    }
    for (std::size_t i = 0; i < validators_; ++i) {
        genesis.validators.push_back({owner_of(i), names_[i],
                                      key_of(i + 1, KeyPurpose::validate).public_key(),
                                      pin_of(identities_[i])});
    }
    genesis.assets = {{ledger::AssetId{1}, "HKD", ParticipantId{3}, 2},
                      {ledger::AssetId{2}, "PHP", ParticipantId{3}, 2}};
    // Wallets of participant 1 pay each other, at any time of a long test.
    constexpr ledger::Minor reserve_minor = 1'000'000'000'000;
    constexpr ledger::Minor single_limit_minor = 1'000'000;
    genesis.policy.escrow_life_max_ms = 86'400'000;
    genesis.policy.corridors = {{ledger::AssetId{1}, ledger::AssetId{1}, single_limit_minor}};
    genesis.cash = {{ParticipantId{1}, ledger::AssetId{1}, 0, reserve_minor}};
    genesis_bytes_ = ledger::encode_genesis(genesis);
    chain_id_ = ledger::chain_id_of(genesis_bytes_);
    write_text(folder_.path() / "genesis.bin", genesis_bytes_);
}

void Devnet::write_node(std::size_t node) {
    const std::filesystem::path folder = folder_of(node);
    std::filesystem::create_directories(folder);
    bool written = node::write_tls_identity(folder, identities_[node]).has_value();
    for (std::size_t nth = 1; nth <= keys_each; ++nth) {
        const auto file = (folder / key_files[nth - 1]).string();
        written = written &&
                  node::write_devnet_key_file(file, KeyPurpose::validate,
                                              seed_of(maker_of(node, nth), KeyPurpose::validate));
    }
    if (!written) {
        throw std::runtime_error("cannot write the keys of " + names_[node]);
    }
    write_text(config_file(node), config_of(node));
}

std::string Devnet::config_of(std::size_t node) const {
    const auto address = [](std::uint16_t port) {
        return "\"127.0.0.1:" + std::to_string(port) + "\"\n";
    };
    std::string out = "[node]\nname = \"" + names_[node] +
                      "\"\ndata = \"data\"\ngenesis = \"../genesis.bin\"\n"
                      "key = \"validate.key\"\ndev = " +
                      (validators_ < 4 ? "true" : "false") +
                      "\njoins = " + (node < validators_ ? "false" : "true") +
                      "\n[tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"\n";
    out += "[peer]\nlisten = " + address(peer_port(node));
    out += "[api]\nlisten = " + address(api_port(node));
    out += "[ops]\nlisten = " + address(ops_port(node));
    out += "[log]\nlevel = \"info\"\n[peers]\n";
    for (std::size_t i = 0; i < validators_; ++i) {
        if (i != node) {
            out += names_[i] + " = " + address(peer_port(i));
        }
    }
    return out;
}

void Devnet::write_peers(std::size_t node, const std::vector<std::string>& lines) {
    const std::string section = "[peers]\n";
    auto text = config_of(node);
    text.erase(text.find(section) + section.size());
    for (const auto& line : lines) {
        text += line + "\n";
    }
    write_text(config_file(node), text);
}

std::string Devnet::peer_line(std::size_t node) const {
    return names_.at(node) + " = \"" + node_pin(node).hex() +
           "@127.0.0.1:" + std::to_string(peer_port(node)) + "\"";
}

std::string Devnet::folder_of(std::size_t node) const {
    return (folder_.path() / names_.at(node)).string();
}
std::string Devnet::config_file(std::size_t node) const {
    return folder_of(node) + "/node.toml";
}
std::string Devnet::data_folder(std::size_t node) const {
    return folder_of(node) + "/data";
}

node::TransportPin Devnet::node_pin(std::size_t node) const {
    return node::read_certificate(identities_.at(node).certificate_pem)->pin;
}

NodeProcess& Devnet::start(std::size_t node, const std::vector<std::string>& extra,
                           const std::vector<std::string>& wrapper) {
    std::vector<std::string> words = wrapper;
    words.insert(words.end(),
                 {REMIT_BIN_DIR "/" + programs_.at(node), "run", "--config", config_file(node)});
    words.insert(words.end(), extra.begin(), extra.end());
    processes_.at(node).reset();
    processes_[node] = std::make_unique<NodeProcess>(words, folder_of(node) + "/log");
    return *processes_[node];
}

void Devnet::start_all() {
    for (std::size_t i = 0; i < validators_; ++i) {
        start(i);
    }
    for (std::size_t i = 0; i < validators_; ++i) {
        if (!eventually([&] { return http_get(ops_port(i), "/readyz").status == 200; })) {
            throw std::runtime_error(names_[i] + " did not become ready:\n" + process(i).output());
        }
    }
}

bool Devnet::is_running(std::size_t node) const {
    return processes_.at(node) && processes_[node]->is_running();
}

}  // namespace remit::test
