#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/engine.h"
#include "ledger/base/keys.h"

namespace remit::test {

/// Signs with a key made from a small number.
class SeedSigner : public consensus::Signer {
public:
    explicit SeedSigner(std::uint8_t number);
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        return sign(message);
    }
    [[nodiscard]] Signature sign(ByteView message) const { return key_.sign(message); }
    [[nodiscard]] const PublicKey& public_key() const { return key_.public_key(); }

private:
    SecretKey key_;
};

/// Who votes in an epoch: a node, with its first key or a later one.
struct Seat {
    consensus::PeerNumber node = 0;
    std::uint8_t key = 0;
};

/// The epochs of a test chain: all as long as each other, each with the newest set given.
struct Epochs {
    consensus::Height length = 0;  ///< 0: the first epoch never ends
    std::map<consensus::Epoch, std::vector<Seat>> sets = {};
    std::map<consensus::Epoch, std::uint16_t> versions = {};  ///< protocol version from an epoch on
    std::map<consensus::Epoch, consensus::Params> params = {};  ///< from an epoch on
    /// Who does not lead, by epoch.
    std::map<consensus::Epoch, std::vector<consensus::ValidatorIndex>> demoted = {};
    std::size_t nodes = 0;  ///< at least the first set's
};

/// Keys, set, parameters and genesis of a small test chain.
struct Chain {
    explicit Chain(std::size_t n, consensus::Params params = {}, Epochs epochs = {});
    std::vector<std::unique_ptr<SeedSigner>> signers;
    Hash chain_id;
    consensus::ValidatorSet set;  ///< of the first epoch
    consensus::Params params;
    consensus::Header genesis;
    Epochs epochs;

    static constexpr std::uint8_t keys_of_a_node = 2;
    /// Node `number` has signers[number], and with later keys these.
    [[nodiscard]] const SeedSigner& signer(Seat seat) const;
    [[nodiscard]] const std::vector<Seat>& seats(consensus::Epoch epoch) const;
    [[nodiscard]] consensus::ValidatorSet set_of(consensus::Epoch epoch) const;
    [[nodiscard]] std::optional<consensus::ValidatorIndex> index_of(consensus::PeerNumber node,
                                                                    consensus::Epoch epoch) const;
    [[nodiscard]] consensus::EpochDescription description(consensus::Epoch epoch) const;

    [[nodiscard]] consensus::Vote vote(consensus::VoteKind kind, consensus::View view,
                                       const Hash& digest, consensus::ValidatorIndex signer) const;
    [[nodiscard]] consensus::Certificate certificate(
        consensus::VoteKind kind, consensus::View view, const Hash& digest,
        const std::vector<consensus::ValidatorIndex>& signers) const;
    /// A well-formed header on top of `parent`.
    [[nodiscard]] consensus::Header child(const consensus::Header& parent,
                                          consensus::View view) const;
};

/// What one validator keeps on its disk.
class Disk : public consensus::BlockSource {
public:
    [[nodiscard]] std::optional<consensus::StoredBlock> block(
        consensus::Height height) const override;
    [[nodiscard]] std::optional<consensus::Header> header(const Hash& digest) const override;
    [[nodiscard]] consensus::BatchHandle batch(const Hash& digest) const override;

    [[nodiscard]] std::optional<consensus::HandOver> hand_over(
        consensus::Epoch epoch) const override;
    [[nodiscard]] std::optional<consensus::EpochDescription> description(
        const Hash& hash) const override;

    std::map<consensus::Epoch, consensus::HandOver> hand_overs;
    std::map<Hash, consensus::EpochDescription> descriptions;
    std::map<consensus::Height, consensus::StoredBlock> blocks;
    std::map<Hash, consensus::BatchHandle> batches;
    std::vector<consensus::JournalRecord> journal;
    std::map<consensus::Height, consensus::ExecutionResult> results;
};

/// A network of engines on virtual time in one thread. Every message goes through its bytes;
/// honest votes and finalised blocks are compared as they happen (`faults` says what went wrong).
class VirtualNetwork {
public:
    explicit VirtualNetwork(std::size_t n, consensus::Params params = {}, Epochs epochs = {});

    struct Node {
        Disk disk;
        std::unique_ptr<consensus::Engine> engine;  ///< null while down
        bool executes = true;
        bool speculates = true;
        /// State roots of blocks executed ahead of their finalization, by digest.
        std::map<Hash, Hash> speculated;
        std::uint64_t runs = 0;  ///< counts starts, so that what was in flight for one is lost
        std::optional<std::int64_t> wake_ms;  ///< the toy ledger's next due time
        std::vector<consensus::Commit> commits;
        std::vector<consensus::ExecutionCertificate> proofs;
        std::vector<std::uint64_t> refused;
        std::vector<consensus::Evidence> evidence;
        std::vector<std::string> misbehaviour;
        std::optional<consensus::Divergence> divergence;
        std::optional<consensus::Fork> fork;  ///< a fault of the network as well
        std::optional<consensus::Epoch> foreign_votes;
        std::optional<consensus::UnsupportedVersion> unsupported;
        std::uint16_t version_max = 1;
        std::optional<consensus::TrustedRoot> trusted;
        std::optional<Hash> votes_lost;  ///< fresh for each loss: what the next start is told
        std::string state_suffix;        ///< makes this node's roots differ from the others'
    };

    /// False drops the message.
    using Filter = std::function<bool(consensus::ValidatorIndex from, consensus::ValidatorIndex to,
                                      const consensus::Message& message)>;
    Filter filter;
    std::int64_t delay_ms = 5;
    std::int64_t execution_ms = 2;

    void submit(consensus::ValidatorIndex node, const Bytes& item);
    /// Delivers a message as if `from` had sent it.
    void inject(consensus::ValidatorIndex from, consensus::ValidatorIndex to,
                const consensus::Message& message);
    void set_wake(std::int64_t wall_ms);
    void crash(consensus::ValidatorIndex node);
    void restart(consensus::ValidatorIndex node);
    /// The journal of a node that is down is gone, and the batches that no stored block names.
    void lose_journal(consensus::ValidatorIndex node);
    void run_for(std::int64_t ms);
    /// Runs until the condition holds; false if it does not within `limit_ms`.
    bool run_until(const std::function<bool()>& condition, std::int64_t limit_ms);

    [[nodiscard]] Node& node(consensus::ValidatorIndex index) { return nodes_[index]; }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] Chain& chain() { return chain_; }
    [[nodiscard]] std::int64_t wall_ms() const { return wall_offset_ms + now_ms_; }
    [[nodiscard]] consensus::Height executed(consensus::ValidatorIndex index) const;
    /// Items executed at a node, in order.
    [[nodiscard]] std::vector<Bytes> items(consensus::ValidatorIndex index) const;
    [[nodiscard]] bool all_executed(const Bytes& item) const;
    /// Broken promises seen so far: forks, double votes, repeated batches.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

    static constexpr std::int64_t wall_offset_ms = 1'735'660'800'000;  // 2024-12-31 16:00 UTC

private:
    using Action = std::function<void()>;
    void start(consensus::ValidatorIndex index);
    void step(consensus::ValidatorIndex index, const consensus::Event& event);
    void drain(consensus::ValidatorIndex index, consensus::Output output);
    void deliver(consensus::ValidatorIndex from, consensus::ValidatorIndex to,
                 const consensus::Send& send);
    void execute(consensus::ValidatorIndex index, const consensus::Commit& commit);
    void speculate(consensus::ValidatorIndex index, const consensus::NotarizedBlock& block);
    [[nodiscard]] consensus::ExecutionResult result_of(
        const Node& node, const Hash& parent_state, const consensus::Header& header,
        const std::vector<consensus::BatchHandle>& batches) const;
    [[nodiscard]] consensus::EpochDescription next_of(const consensus::Header& header) const;
    void watch_vote(consensus::ValidatorIndex from, const consensus::Message& message);
    void at(std::int64_t when_ms, Action action);
    [[nodiscard]] std::optional<std::int64_t> next_time() const;
    void advance_to(std::int64_t when_ms);
    [[nodiscard]] consensus::Now now() const { return {now_ms_, wall_ms()}; }

    Chain chain_;
    std::vector<Node> nodes_;
    std::int64_t now_ms_ = 1000;
    std::uint64_t next_token_ = 1;
    std::map<std::uint64_t, Bytes> items_;  // by token
    std::multimap<std::int64_t, Action> queue_;
    std::map<consensus::Height, Hash> finalised_;
    std::map<std::tuple<consensus::PeerNumber, consensus::Epoch, consensus::View, int>, Hash>
        votes_;
    std::map<consensus::PeerNumber, consensus::Epoch> voted_;  // newest epoch voted in
    std::map<consensus::Epoch, Hash> roots_;
    std::vector<std::string> faults_;
};

}  // namespace remit::test
