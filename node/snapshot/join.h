#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/engine.h"
#include "node/seams/disk.h"
#include "node/snapshot/counts.h"
#include "node/snapshot/manifest.h"
#include "node/storage/known_epochs.h"

namespace remit::node {

/// Gathers a certified snapshot from the other validators, for a node that is new or so far behind
/// that nobody keeps its next block. What arrives lies in one folder and is there after a crash:
///
///     incoming/manifest        root 32, then the manifest's canonical bytes
///     incoming/chunk-00000007  bytes of a chunk
///
/// A peer's word decides nothing: a manifest counts when q executors signed its root and a
/// finalised header anchors that, by the sets that the ways from genesis on lead to; a chunk when
/// the manifest names its hash. Whoever sends another one is blamed, and the chunk is asked of the
/// next peer. Reactor thread.
class SnapshotJoin {
public:
    struct Parts {
        Disk& disk;
        const consensus::EngineConfig& chain;  ///< outlives this
        const KnownEpochs& epochs;             ///< outlives this
        Kv& kv;                                ///< where the ways into later epochs are kept
        std::string folder;
        consensus::Height executed = 0;  ///< at the start; 0: new here
    };
    enum class Phase : std::uint8_t { idle, fetching, complete };

    /// Goes on with what an earlier run has gathered. Errors: the disk's.
    static Result<std::unique_ptr<SnapshotJoin>, IoError> open(Parts parts, std::int64_t now_ms);

    void on_status(consensus::ValidatorIndex peer, const consensus::PeerStatus& status);
    void on_disconnected(consensus::ValidatorIndex peer);
    /// The way into the next epoch whose set is not known yet; others say nothing new. The peer is
    /// blamed for a wrong one: this node's engine may be epochs behind and not look at it.
    void on_hand_over(consensus::ValidatorIndex peer, const consensus::HandOver& way);
    void on_answer(consensus::ValidatorIndex peer, const consensus::SnapshotAnswer& answer,
                   std::int64_t now_ms);
    void on_chunk(consensus::ValidatorIndex peer, const consensus::ChunkAnswer& answer,
                  std::int64_t now_ms);
    void on_executed(consensus::Height height, std::int64_t now_ms);
    /// Asks what is due.
    void on_time(std::int64_t now_ms);
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
    /// What to send and whom to blame.
    [[nodiscard]] consensus::Output take_output() { return std::exchange(out_, {}); }

    /// All chunks are here: install them.
    [[nodiscard]] bool complete() const { return phase_ == Phase::complete; }
    /// What was gathered turned out useless: remove it and begin anew.
    Status<IoError> discard();
    /// Nothing was executed when this process began.
    [[nodiscard]] bool began_new() const { return parts_.executed == 0; }
    /// None while nothing is being gathered.
    [[nodiscard]] std::optional<std::size_t> chunks_missing() const {
        return phase_ == Phase::idle ? std::nullopt : std::optional(missing_.size());
    }
    /// What was fetched and refused; the rest is not this class's.
    [[nodiscard]] const SnapshotCounts& counts() const { return counts_; }

private:
    struct Peer {
        consensus::Height height = 0;
        std::size_t asked = 0;
        std::int64_t slow_until_ms = 0;
        bool useless = false;      ///< does not keep this snapshot
        std::size_t timeouts = 0;  ///< in a row, while this snapshot is gathered
    };
    struct Candidate {
        SnapshotManifest manifest;
        Bytes bytes;
    };
    struct Asked {
        consensus::ValidatorIndex peer = 0;
        std::int64_t until_ms = 0;
    };
    explicit SnapshotJoin(Parts parts) : parts_(std::move(parts)) {}
    Status<IoError> resume();
    Status<IoError> begin(SnapshotManifest manifest, const Bytes& bytes);
    [[nodiscard]] bool behind() const;
    [[nodiscard]] consensus::Height claimed_height() const;
    [[nodiscard]] bool is_member(consensus::PeerNumber peer,
                                 const consensus::ValidatorSet& set) const;
    [[nodiscard]] bool wanted(std::int64_t now_ms) const;
    /// The ways into its epochs have come; they come by themselves.
    [[nodiscard]] bool can_judge(const consensus::SnapshotAnswer& answer,
                                 const SnapshotManifest& manifest) const;
    [[nodiscard]] bool convincing(const consensus::SnapshotAnswer& answer,
                                  const SnapshotManifest& manifest) const;
    [[nodiscard]] bool given_up(consensus::ValidatorIndex index, const Peer& peer) const;
    [[nodiscard]] bool nobody_keeps_it() const;
    void choose(std::int64_t now_ms);
    void expire_requests(std::int64_t now_ms);
    void ask_for_snapshot(std::int64_t now_ms);
    [[nodiscard]] std::optional<std::int64_t> ask_deadline() const;
    void ask_for_chunks(std::int64_t now_ms);
    [[nodiscard]] std::map<consensus::ValidatorIndex, Peer>::iterator idlest(std::int64_t now_ms);
    void forget_request(std::size_t index);
    void forget_requests_to(consensus::ValidatorIndex peer);
    void blame(consensus::ValidatorIndex peer, SnapshotFlaw flaw);
    [[nodiscard]] std::string path_of(std::size_t index) const;

    Parts parts_;
    consensus::Epoch newest_ = 1;  ///< whose set is known
    Phase phase_ = Phase::idle;
    std::map<consensus::ValidatorIndex, Peer> peers_;
    consensus::Height executed_ = 0;
    std::int64_t executed_at_ms_ = 0;
    std::int64_t ask_at_ms_ = 0;
    std::set<consensus::ValidatorIndex> questioned_;
    std::optional<Candidate> best_;                  ///< newest answer that is not gathered
    std::set<consensus::ValidatorIndex> have_same_;  ///< answered with what is being gathered
    std::optional<std::int64_t> choose_at_ms_;       ///< answers are in
    SnapshotManifest manifest_;
    Hash root_;
    std::set<std::size_t> missing_;
    std::set<consensus::ValidatorIndex> liars_;  // not asked again by this process
    std::map<std::size_t, Asked> asked_;
    SnapshotCounts counts_;
    consensus::Output out_;
};

/// The manifest that lies in `folder`, if it is whole.
Result<std::optional<SnapshotManifest>, IoError> gathered_manifest(Disk& disk,
                                                                   const std::string& folder);
std::string gathered_chunk_path(const std::string& folder, std::size_t index);
/// Removes every file of the folder, `ready` last.
Status<IoError> remove_gathered(Disk& disk, const std::string& folder);

}  // namespace remit::node
