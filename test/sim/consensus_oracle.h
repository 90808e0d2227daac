#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/evidence.h"
#include "consensus/messages.h"
#include "consensus/metrics.h"
#include "consensus/output.h"
#include "consensus/params.h"
#include "node/replica/executor.h"
#include "test/sim/leader_oracle.h"

namespace remit::sim {

/// Watches everything validators send and commit. It reckons quorums and compares votes by itself:
/// a bug in the code under test must not blind it.
class ConsensusOracle {
public:
    ConsensusOracle(const Hash& chain_id, const consensus::ValidatorSet& validators,
                    const consensus::Params& params, std::uint64_t epoch_blocks);

    /// A node that is not in the first set, or another VALIDATE key of one.
    void know_key(std::size_t node, const PublicKey& key) { nodes_[key] = node; }

    /// Tells of bytes whether they would be found on the sender's disk after a power cut.
    using Durable = std::function<bool(ByteView bytes)>;
    /// Validator `from` lets these bytes go. C5, S1, S2: every vote of its own is on its disk and
    /// contradicts no other; N1, S4: it rests on a certificate; C3, C4, C8: certificates; Take and
    /// Offer: no batch is vouched for that is over; C5 and N5: nor one that is not on its disk.
    void on_send(std::size_t from, ByteView bytes, const Durable& durable);
    /// A node enters an epoch. E1, E2: everybody from the same root, with the same set, on a way
    /// that the old set signed. E4: without those leaders who failed.
    void on_epoch(std::size_t node, const consensus::HandOver& way);
    /// An honest validator has read this on its clock.
    void on_clock(std::int64_t wall_ms) {
        newest_clock_ms_ = std::max(newest_clock_ms_.value_or(wall_ms), wall_ms);
    }
    /// C1, C2: one chain of blocks; N2, N4, N6, N7: what its headers say.
    void on_commit(std::size_t node, const consensus::Commit& commit);
    /// C7: one result at each height, for every node and every execution.
    void on_executed(std::size_t node, const node::ExecutedBlock& block);
    /// C7: nor do two nodes differ about a block that is not final.
    void on_speculated(std::size_t node, const consensus::ExecutionResult& result);
    /// C6: what was durable is there after a restart.
    void on_boot(std::size_t node, consensus::Height executed_height);
    /// Its database came from others, durably: of what lies below it holds no batches.
    void on_installed(std::size_t node, consensus::Height height) { durable_[node] = height; }
    /// Its disk is an old copy from now on: C6 begins anew, every other promise stays.
    void on_set_back(std::size_t node) { durable_[node] = 0; }
    /// Its database is gone: nothing of it is promised any more.
    void on_erased(std::size_t node) { durable_.erase(node); }
    /// C6: whoever kept its journal comes back in no view below one it voted in.
    void on_started(std::size_t node, const consensus::Metrics& metrics);
    /// After each turn. C6, C13: view, floor and readable height go up alone while a process lives;
    /// C10: what an engine keeps stays within its bounds.
    void on_turn(std::size_t node, std::uint64_t boot, const consensus::Metrics& metrics,
                 consensus::Height readable);
    /// This node runs a program that knows protocol versions up to this one. E5: it neither votes
    /// in an epoch of a later one nor executes a block of it.
    void on_program(std::size_t node, std::uint16_t version_max) { programs_[node] = version_max; }
    [[nodiscard]] std::uint16_t newest_version() const { return versions_.rbegin()->second; }
    /// The most that waited for execution anywhere: blocks, and bytes of batches.
    [[nodiscard]] std::uint64_t most_blocks_waiting() const { return most_blocks_waiting_; }
    [[nodiscard]] std::uint64_t most_bytes_waiting() const { return most_bytes_waiting_; }
    /// C9: asked of each batch that a certified block names: is it durable at an honest validator?
    std::function<bool(const Hash& batch, const Signature& author_signature)> held_by_honest;

    /// C5, N5: is this batch on that node's disk for good? Unset: it is not asked.
    std::function<bool(std::size_t node, const Hash& batch, const Signature& author_signature)>
        held_by;

    /// C5, C11: evidence holds, and only against a Byzantine validator.
    void on_evidence(std::size_t by, const consensus::Evidence& evidence);
    /// A header that somebody proposed, true or not: what certificates name by digest.
    void learn(const consensus::Header& header);
    void learn(const consensus::Batch& batch);

    /// This validator is an adversary: nothing is promised of it.
    void set_byzantine(std::size_t index) { byzantine_.insert(index); }
    /// Looks at what is committed alone, as if it could not read the wires.
    void judge_commits_only() { commits_only_ = true; }
    [[nodiscard]] bool is_byzantine(std::size_t index) const { return byzantine_.contains(index); }
    [[nodiscard]] std::uint64_t evidence_seen() const { return evidence_seen_; }
    [[nodiscard]] consensus::Height committed() const;
    [[nodiscard]] std::uint64_t demotions() const { return leaders_.demotions(); }
    [[nodiscard]] consensus::Epoch newest_epoch() const { return sets_.rbegin()->first; }
    [[nodiscard]] std::uint64_t sets_seen() const;
    /// Epochs that began with other consensus parameters than the one before had.
    [[nodiscard]] std::uint64_t parameter_changes() const;
    /// Epochs whose set no adversary is in.
    [[nodiscard]] std::uint64_t epochs_without_byzantine() const;
    [[nodiscard]] std::uint64_t votes_seen() const { return votes_.size(); }
    /// It sent a proposal of its own in this view.
    [[nodiscard]] bool proposed(std::size_t node, consensus::Epoch epoch,
                                consensus::View view) const {
        const auto found = proposed_.find(node);
        return found != proposed_.end() && found->second == ViewKey(epoch, view);
    }
    [[nodiscard]] std::size_t views_nullified() const { return nullified_.size(); }

private:
    void check_waiting(std::size_t node, const consensus::Metrics& metrics);
    void check_vote(std::size_t from, const consensus::Vote& vote, const Durable& durable);
    void check_grounds(std::size_t from, const consensus::Vote& vote) const;
    void check_entry(std::size_t from, const consensus::Entry& entry, const std::string& rule,
                     const std::string& does) const;
    void check_held(std::size_t from, const Hash& batch, const std::string& does);
    void check_executed(std::size_t from, const consensus::ExecutionVote& vote);
    void check_named(std::size_t from, const consensus::Vote& vote);
    void check_certificate(const consensus::Certificate& certificate);
    void check_chain(const consensus::Certificate& finalization);
    void check_kept(std::size_t node, consensus::Height executed);
    void check_batches(const consensus::Certificate& notarization);
    void check_parent(std::size_t node, const consensus::Header& header);
    void check_header(std::size_t node, const consensus::Header& header);
    void check_message(std::size_t from, const consensus::Message& message, const Durable& durable);
    using ViewKey = std::pair<consensus::Epoch, consensus::View>;
    [[nodiscard]] bool nullified(const ViewKey& at) const;
    /// Votes that were sent for a digest, those of adversaries counted as if they were.
    [[nodiscard]] std::size_t votes_for(const ViewKey& at, consensus::VoteKind kind,
                                        const Hash& digest) const;
    [[nodiscard]] bool may_be_certified(const ViewKey& place, consensus::VoteKind kind,
                                        const Hash& digest, std::size_t voter) const;
    [[nodiscard]] bool any_certified(const ViewKey& place, consensus::VoteKind kind,
                                     std::size_t voter) const;
    [[nodiscard]] bool opened(const ViewKey& place, std::size_t voter) const;
    [[nodiscard]] const consensus::ValidatorSet& set_of(consensus::Epoch epoch) const;
    [[nodiscard]] std::size_t quorum(consensus::Epoch epoch) const;
    [[nodiscard]] std::optional<std::size_t> node_of(consensus::Epoch epoch,
                                                     consensus::ValidatorIndex signer) const;

    Hash chain_id_;
    std::map<consensus::Epoch, consensus::ValidatorSet> sets_;
    std::map<consensus::Epoch, Hash> roots_;
    std::map<consensus::Epoch, Hash> descriptions_;
    std::map<PublicKey, std::size_t> nodes_;
    std::map<consensus::Epoch, std::uint16_t> versions_;
    std::map<std::size_t, std::uint16_t> programs_;
    std::uint64_t most_blocks_waiting_ = 0;
    std::uint64_t most_bytes_waiting_ = 0;
    consensus::Params params_;  // of genesis: no later ones allow more (Governor)
    std::map<consensus::Epoch, consensus::Params> params_of_epoch_;
    std::set<std::size_t> byzantine_;
    bool commits_only_ = false;
    std::uint64_t evidence_seen_ = 0;
    std::map<Hash, consensus::Header> headers_;
    LeaderOracle leaders_;
    std::map<Hash, Signature> batches_seen_;              // signatures of their authors
    std::map<std::size_t, std::set<Hash>> vouched_;       // found durable there in this life
    std::map<Hash, std::set<std::size_t>> acknowledged_;  // by whom
    std::map<std::size_t, ViewKey> voted_;     // newest view that a vote of it was sent in
    std::map<std::size_t, ViewKey> proposed_;  // newest view of a proposal of its own
    struct Standing {
        std::uint64_t boot = 0;
        ViewKey view;
        consensus::Height finalised = 0;
        consensus::Height readable = 0;
    };
    std::map<std::size_t, Standing> standing_;
    std::map<consensus::Height, Hash> finalized_heights_;
    std::map<consensus::Epoch, Hash> params_of_;
    std::optional<std::int64_t> newest_clock_ms_;
    Bytes last_sent_;
    using VoteKey = std::tuple<std::size_t, consensus::Epoch, consensus::View, consensus::VoteKind>;
    std::map<VoteKey, Hash> votes_;
    std::set<Hash> certificates_;  // checked, by hash of their bytes
    std::map<ViewKey, Hash> notarized_;
    std::map<ViewKey, Hash> finalized_;
    std::set<ViewKey> nullified_;
    struct Block {
        Hash digest;
        std::int64_t time_ms = 0;
        consensus::ExecutionResult exec;
        std::vector<Hash> batches;
    };
    std::map<consensus::Height, Block> blocks_;
    std::map<Hash, consensus::Height> batches_named_;
    std::map<consensus::Height, consensus::ExecutionResult> results_;
    std::map<Hash, consensus::ExecutionResult> block_results_;  // by block digest
    std::map<std::size_t, consensus::Height> durable_;
};

}  // namespace remit::sim
