#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ledger/base/hash.h"
#include "tools/cli/failure.h"

namespace remit::devnet {

/// What a process of a devnet is.
enum class ProcessKind { node, wallet, bank, maker, rail, signer };
std::string_view name_of(ProcessKind kind);

/// One process. Its folder holds its configuration, certificate, data, `log` and `pid`.
struct Process {
    std::string name;  // of a node: its participant's; else gateway-X, rail-X, signer-X
    ProcessKind kind = ProcessKind::node;
    std::uint32_t participant_id = 0;
    std::string api;  // host:port of its gRPC listener; a signer's Unix socket
    std::string ops;  // host:port of its HTTP listener; a signer has none
    std::filesystem::path folder;
    std::filesystem::path program;
    std::vector<std::string> arguments;

    /// Speaks to the network: has a certificate, and answers over HTTP.
    [[nodiscard]] bool has_listeners() const { return kind != ProcessKind::signer; }
    [[nodiscard]] std::filesystem::path pid_file() const { return folder / "pid"; }
    [[nodiscard]] std::filesystem::path log_file() const { return folder / "log"; }
};

struct Member {
    std::uint32_t id = 0;
    std::string name;
    std::vector<std::string> roles;
    std::string currency;  // an operator's own: what its customers hold
};

struct NetworkAsset {
    std::uint16_t id = 0;
    std::string currency;
    unsigned exponent = 2;
};

/// A wallet that the devnet opened and funded.
struct SampleWallet {
    std::string name;
    std::string operator_name;
    std::string currency;
};

/// A devnet as its folder tells it (`devnet.json`): who is in it, where each process listens, where
/// keys lie. `remit` finds everything it talks to here.
///
///     genesis.bin
///     keys/<participant>/<purpose>.key    0600
///     clients/<participant>/tls.{crt,key} what `remit` shows when it acts for the participant
///     nodes|gateways|rails|signers/<name>/  one folder for each process
struct Network {
    std::filesystem::path folder;
    std::string name;
    Hash chain_id;
    std::uint16_t base_port = 0;
    std::vector<Member> members;
    std::vector<NetworkAsset> assets;
    std::vector<Process> processes;
    std::vector<SampleWallet> wallets;

    /// Errors: NO_NETWORK (exit 7) when the folder holds none; BAD_NETWORK when it is damaged.
    static Result<Network, cli::Failure> load(const std::filesystem::path& folder);
    [[nodiscard]] Status<cli::Failure> save() const;
    /// Removes what `create` made below the folder, and the folder when nothing else is in it.
    [[nodiscard]] Status<cli::Failure> remove() const;

    [[nodiscard]] std::filesystem::path genesis_file() const { return folder / "genesis.bin"; }
    [[nodiscard]] std::filesystem::path client_folder(const std::string& member) const {
        return folder / "clients" / member;
    }
    [[nodiscard]] std::filesystem::path key_file(const std::string& member,
                                                 const std::string& purpose) const;

    /// Errors: exit 2 with the nearest name.
    [[nodiscard]] Result<const Process*, cli::Failure> process(const std::string& wanted) const;
    [[nodiscard]] Result<const Member*, cli::Failure> member(const std::string& wanted) const;
    [[nodiscard]] Result<const NetworkAsset*, cli::Failure> asset(
        const std::string& currency) const;
    [[nodiscard]] std::vector<const Process*> of_kind(ProcessKind kind) const;
    /// The process of this kind that belongs to a participant; null when there is none.
    [[nodiscard]] const Process* of(ProcessKind kind, std::uint32_t participant_id) const;

    /// For tables: a member's name or `#7`; a currency or `#7`; `1,000.00 HKD`.
    [[nodiscard]] std::string member_name(std::uint32_t id) const;
    [[nodiscard]] std::string currency_of(std::uint32_t asset_id) const;
    [[nodiscard]] std::string amount(std::int64_t minor, std::uint32_t asset_id) const;
};

}  // namespace remit::devnet
