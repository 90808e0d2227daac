#pragma once

#include <memory>
#include <string>
#include <vector>

#include "consensus/params.h"
#include "ledger/genesis.h"
#include "node/tls/certificate.h"
#include "test/support/devnet/node_process.h"
#include "test/support/node/temporary_folder.h"

namespace remit::test {

/// Files of a network of validators for one test: genesis, keys, certificates, configurations, on
/// free ports of 127.0.0.1. Four participants as in the demo: two operators, the bank, the
/// regulator, who has the validators behind the fourth. Nothing runs until `start`.
class Devnet {
public:
    explicit Devnet(std::size_t validators = 4, const consensus::Params& params = {})
        : Devnet(validators, 0, 0, params) {}
    /// `joiners` more machines, of the regulator, that genesis does not name: nodes behind the
    /// validators. `epoch_blocks` 0: the default length.
    Devnet(std::size_t validators, std::size_t joiners, std::uint64_t epoch_blocks,
           const consensus::Params& params = {});
    ~Devnet();
    Devnet(const Devnet&) = delete;
    Devnet& operator=(const Devnet&) = delete;

    /// Starts the node; extra words go behind `run --config FILE`, `wrapper` in front of all.
    NodeProcess& start(std::size_t node, const std::vector<std::string>& extra = {},
                       const std::vector<std::string>& wrapper = {});
    /// The program that the node is from its next start on, of those that are built.
    void install(std::size_t node, const std::string& program) { programs_.at(node) = program; }
    /// In place of what the node's [peers] has: lines like `name = "host:port"`.
    void write_peers(std::size_t node, const std::vector<std::string>& lines);
    /// `name = "PIN@host:port"` of a node: what one who joins by it writes.
    [[nodiscard]] std::string peer_line(std::size_t node) const;
    /// Starts every node and waits until all are ready.
    void start_all();
    NodeProcess& process(std::size_t node) { return *processes_.at(node); }
    [[nodiscard]] bool is_running(std::size_t node) const;
    [[nodiscard]] std::size_t size() const { return names_.size(); }

    [[nodiscard]] const Hash& chain_id() const { return chain_id_; }
    [[nodiscard]] const Bytes& genesis_bytes() const { return genesis_bytes_; }
    [[nodiscard]] std::string genesis_file() const {
        return (folder_.path() / "genesis.bin").string();
    }
    [[nodiscard]] std::string config_file(std::size_t node) const;
    [[nodiscard]] std::string data_folder(std::size_t node) const;
    [[nodiscard]] std::string folder_of(std::size_t node) const;
    [[nodiscard]] const std::string& name(std::size_t node) const { return names_.at(node); }
    [[nodiscard]] std::uint16_t peer_port(std::size_t node) const { return ports_.at(3 * node); }
    [[nodiscard]] std::uint16_t api_port(std::size_t node) const { return ports_.at(3 * node + 1); }
    [[nodiscard]] std::uint16_t ops_port(std::size_t node) const { return ports_.at(3 * node + 2); }
    /// What a member's client shows: listed for participant 1.
    [[nodiscard]] const node::TlsIdentity& client() const { return client_; }
    /// Another member's, listed for participant 2.
    [[nodiscard]] const node::TlsIdentity& other_client() const { return other_client_; }
    /// What a node shows to its peers and members.
    [[nodiscard]] const node::TlsIdentity& identity(std::size_t node) const {
        return identities_.at(node);
    }
    [[nodiscard]] node::TransportPin node_pin(std::size_t node) const;
    /// The OPERATE key of participant 1.
    [[nodiscard]] static SecretKey operate_key();
    /// The VALIDATE keys of a node: validate.key, next.key and third.key in its folder. With short
    /// epochs those of a founder are on the chain.
    [[nodiscard]] static PublicKey validate_key(std::size_t node, std::size_t nth = 1);
    /// What a plan says of this node, with its first key.
    [[nodiscard]] ledger::EpochValidator planned(std::size_t node) const;
    /// The GOVERN key of a participant.
    [[nodiscard]] static SecretKey govern_key(std::size_t participant);

private:
    void write_genesis(const consensus::Params& params);
    void write_node(std::size_t node);
    [[nodiscard]] std::string config_of(std::size_t node) const;

    node::TemporaryFolder folder_;
    std::size_t validators_;
    std::uint64_t epoch_blocks_;
    std::vector<std::string> names_;
    std::vector<std::uint16_t> ports_;
    std::vector<node::TlsIdentity> identities_;
    node::TlsIdentity client_;
    node::TlsIdentity other_client_;
    Bytes genesis_bytes_;
    Hash chain_id_;
    std::vector<std::unique_ptr<NodeProcess>> processes_;
    std::vector<std::string> programs_;
};

}  // namespace remit::test
