#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consensus/block_source.h"
#include "consensus/epoch.h"
#include "consensus/event.h"
#include "consensus/metrics.h"
#include "consensus/output.h"
#include "consensus/params.h"
#include "consensus/serve_budget.h"
#include "consensus/signer.h"

namespace remit::consensus {

/// Another key of this node, for the epochs in whose set it is.
struct OwnKey {
    PublicKey key;
    const Signer* signer = nullptr;  ///< outlives the engine
};

/// The first epoch, and who this node is. Later epochs follow by themselves.
struct EngineConfig {
    Hash chain_id;
    ValidatorSet validators;  ///< of the first epoch
    PeerNumber self = 0;
    Params params;
    Header genesis;  ///< see genesis_header()
    std::uint64_t boot_counter = 0;
    Height end_height = never_ends;  ///< of the first epoch
    /// Keys by peer number, this node's own at `self`; none: the first epoch's validators. More may
    /// follow (PeerKnown). A node whose key is in no set follows, and votes once it is in one.
    std::vector<PublicKey> peers = {};
    std::vector<OwnKey> other_keys = {};
    /// This validator's name in every set: its seat is the one of this name, whatever key the set
    /// gives it, and it signs there only with that key. Empty: the seat is where one of its keys
    /// is.
    std::string name = {};
    std::uint16_t version_max = 1;  ///< newest protocol version this program can vote in
    std::optional<TrustedRoot> trusted = {};
    /// To all peers together, for what they ask (ServeBudget).
    std::int64_t serve_bytes_per_second = ServeBudget::total_bytes_per_second;
};

/// All that this node can sign with, its first key first; `signer` has that one.
std::vector<OwnKey> own_keys(const EngineConfig& config, const Signer& signer);

/// What the host found on its disk.
struct Recovery {
    std::vector<JournalRecord> journal;  ///< oldest first
    /// Newest block that is stored and executed here, with a Finalization (its own or, if it has
    /// none, the engine asks peers). None: only genesis.
    std::optional<StoredBlock> executed;
    /// Where blocks below `base_height` are not kept: the batches that they named and that could
    /// be named again above it. Empty when the chain is there from genesis.
    Height base_height = 0;
    std::vector<NamedBatch> named_below;
    /// Results of the newest executed heights, ascending, at most `lag_max`: voted again, since
    /// execution votes are not journaled.
    std::vector<ExecutionResult> results;
    /// Batches in the batch store that are not behind the durable checkpoint.
    std::vector<BatchHandle> batches;
    WakeAt wake_at;
    /// Set, and fresh from the host's randomness, when votes of this key may have been sent that
    /// `journal` lacks. Heeded unless a record there tells that the matter is settled.
    std::optional<Hash> votes_lost;
    /// Set, and fresh from the host's randomness, at every start of a process: peers are asked for
    /// the votes that they hold of this key, and none is signed before enough have answered
    /// (ShownVotes). In every epoch anew.
    std::optional<Hash> ask_for_votes;
};

/// The consensus of one node, epoch after epoch: no IO, clock, thread or chance inside. Same calls,
/// same outputs. One thread steps it. `signer` and `source` outlive it.
class Engine {
public:
    Engine(EngineConfig config, const Signer& signer, const BlockSource& source);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Call once, first. False inside `started` means the journal is not this validator's: the
    /// host must not go on.
    struct Started {
        bool ok = false;
        Output output;
    };
    [[nodiscard]] Started start(const Recovery& recovery, Now now);
    /// Handles one event. The host drains the whole Output before the next step.
    [[nodiscard]] Output step(const Event& event, Now now);
    /// When to send a Tick at the latest, on the monotonic clock; none: nothing is timed.
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;

    [[nodiscard]] Metrics metrics() const;
    /// Of each validator of the epoch, in the set's order.
    [[nodiscard]] std::vector<PeerMetrics> peer_metrics() const;
    /// Leader of a view of the epoch this node is in.
    [[nodiscard]] ValidatorIndex leader(View view) const;
    /// The set of the epoch this node is in.
    [[nodiscard]] const ValidatorSet& validators() const;

private:
    class Epochs;
    std::unique_ptr<Epochs> epochs_;
};

/// The hash that headers carry of the leader schedule of this set; for genesis_header().
Hash leader_schedule_hash(const Hash& chain_id, const ValidatorSet& set,
                          const std::vector<ValidatorIndex>& demoted = {});

}  // namespace remit::consensus
