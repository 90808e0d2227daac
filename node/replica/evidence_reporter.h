#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "consensus/engine.h"
#include "ledger/evidence.h"
#include "ledger/state_access.h"
#include "node/replica/read_model.h"
#include "node/seams/kv.h"

namespace remit::node {

/// The form in which the chain keeps it: the lower digest, or the Nullify, first.
ledger::VotePair vote_pair(const consensus::Evidence& evidence, const consensus::ValidatorSet& set);

/// Brings the evidence that this node finds onto the chain: an envelope with `report_evidence`,
/// signed by a key of the validator's own, that of the newest epoch if it is here. Validators take
/// turns by their index, so that mostly one of them reports; each tries again until the chain has
/// the record. Reactor thread.
class EvidenceReporter {
public:
    struct Parts {
        Hash chain_id;
        consensus::PeerNumber turn = 0;       ///< of this node among those who report
        std::vector<consensus::OwnKey> keys;  ///< of this node
        const ReadModel& reads;
    };
    explicit EvidenceReporter(Parts parts) : parts_(std::move(parts)) {}

    /// What earlier runs found and the chain did not record yet. Before the first `add`.
    Status<IoError> recover(const KvReader& kv, std::int64_t mono_ms);
    /// An epoch begins, or is the one this node starts in: evidence names its validators by index.
    void follow(const consensus::ValidatorSet& set);
    /// Evidence of an epoch that was never followed is left to others.
    void add(const consensus::Evidence& evidence, std::int64_t mono_ms);
    /// The item to be ordered now, if one is due; at most one a second. `wall_ms`: this node's
    /// clock, for the envelope's end.
    std::optional<Bytes> due(std::int64_t mono_ms, std::int64_t wall_ms);
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
    /// What the database is to keep of it, since the last call: a contradiction may be shown to one
    /// node only, and never again.
    [[nodiscard]] KvBatch take_writes() { return std::exchange(writes_, {}); }
    /// Not on the chain yet.
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

    static constexpr std::size_t waiting_max = 64;
    static constexpr std::int64_t turn_ms = 2'000;
    static constexpr std::int64_t again_ms = 30'000;

private:
    struct Waiting {
        ledger::VotePair votes;
        std::int64_t at_ms = 0;
    };
    [[nodiscard]] bool settled(const Bytes& key, const ledger::StateView& state) const;
    [[nodiscard]] const consensus::OwnKey* reporting_key(const ledger::StateReader& state) const;
    [[nodiscard]] std::optional<Bytes> item(const ledger::VotePair& votes,
                                            const ledger::StateView& state,
                                            std::int64_t wall_ms) const;

    Parts parts_;
    std::map<consensus::Epoch, consensus::ValidatorSet> sets_;  // the newest two
    std::map<Bytes, Waiting> waiting_;                          // by the key of the record
    KvBatch writes_;
    std::int64_t not_before_ms_ = 0;
};

}  // namespace remit::node
