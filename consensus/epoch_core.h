#pragma once

#include <optional>
#include <type_traits>
#include <vector>

#include "consensus/amnesia.h"
#include "consensus/seen_votes.h"
#include "consensus/shown_votes.h"
#include "consensus/simplex.h"
#include "consensus/speculation.h"
#include "consensus/sync.h"

namespace remit::consensus {

/// What of a Recovery belongs to one epoch.
struct EpochRecovery {
    std::vector<JournalRecord> records;    ///< of this epoch
    std::optional<StoredBlock> executed;   ///< newest executed block, if it is of this epoch
    Height base_height = 0;                ///< as in Recovery
    std::vector<NamedBatch> named_below;   ///< as in Recovery; only those of this epoch
    std::vector<ExecutionResult> results;  ///< newest ones, ascending
    std::vector<BatchHandle> batches;      ///< of this epoch
    WakeAt wake_at;
    std::optional<Hash> votes_lost;     ///< of this epoch, maybe: what to ask with
    std::optional<Hash> ask_for_votes;  ///< as in Recovery, for this epoch
};

/// The parts of one node in one epoch, wired together. Peers have local indexes here (EpochConfig).
/// Internal to the engine.
class EpochCore {
public:
    EpochCore(EpochConfig config, const Signer& signer, const BlockSource& source);

    /// False: the records are another validator's.
    [[nodiscard]] bool recover(const EpochRecovery& recovery);
    /// Before `recover`: what the epoch before leaves behind.
    void adopt(EpochCore& before);

    void receive(ValidatorIndex from, const Message& message);
    void connected(ValidatorIndex peer) {
        context.send(peer, status());
        shown.on_connected(peer);
    }
    void disconnected(ValidatorIndex peer) { peers.forget_status(peer); }
    void submit(const SubmitItems& event) { batches.submit(event); }
    void executed(const ExecutionResult& result) { execution.executed(result); }
    void speculated(const ExecutionResult& result) { execution.speculated(result); }
    void set_wake(const WakeAt& event) { simplex.set_wake(event); }
    /// A way out of this epoch, from a peer or from an earlier run. `from` pays for a bad one.
    void take(std::optional<ValidatorIndex> from, const HandOver& way);
    void settle();

    /// The epoch is over and the next one known: none before that.
    [[nodiscard]] std::optional<HandOver> way_out() const;
    [[nodiscard]] std::optional<std::int64_t> deadline() const;
    [[nodiscard]] Metrics metrics() const;
    [[nodiscard]] PeerStatus status() const;

    Context context;
    BlockTree tree;
    Fetcher fetcher;
    Peers peers;
    Batches batches;
    ExecutionVotes execution;
    Commits commits;
    Speculation speculation;
    SafetyRules safety;
    SeenVotes seen;
    CertifiedViews certified;
    Amnesia amnesia;
    ShownVotes shown;
    Simplex simplex;
    Sync sync;

private:
    void dispatch(ValidatorIndex from, const PeerStatus& status);
    void dispatch(ValidatorIndex from, const Pong& pong) { peers.on_pong(from, pong); }
    void dispatch(ValidatorIndex from, const Proposal& each) { simplex.on_proposal(from, each); }
    void dispatch(ValidatorIndex from, const Vote& each) { simplex.on_vote(from, each); }
    void dispatch(ValidatorIndex from, const Certificate& each) {
        simplex.on_certificate(from, each, true);
    }
    void dispatch(ValidatorIndex from, const BatchHandle& each) { batches.on_batch(from, each); }
    void dispatch(ValidatorIndex from, const Ack& each) { batches.on_ack(from, each); }
    void dispatch(ValidatorIndex from, const AvailabilityCertificate& each) {
        batches.on_availability(from, each, false);
    }
    void dispatch(ValidatorIndex from, const Offer& each) { batches.on_offer(from, each); }
    void dispatch(ValidatorIndex from, const ExecutionVote& each) { execution.on_vote(from, each); }
    void dispatch(ValidatorIndex from, const ExecutionCertificate& each) {
        execution.on_certificate(from, each);
    }
    void dispatch(ValidatorIndex from, const CertificatesRequest& each) { serve(from, each, sync); }
    void dispatch(ValidatorIndex from, const CertificatesAnswer& each) {
        sync.on_answer(from, each);
    }
    void dispatch(ValidatorIndex from, const HeadersRequest& each) { serve(from, each, sync); }
    void dispatch(ValidatorIndex from, const HeadersAnswer& each) { sync.on_answer(from, each); }
    void dispatch(ValidatorIndex from, const BatchesRequest& each) { serve(from, each, batches); }
    void dispatch(ValidatorIndex from, const ExecutionCertificateRequest& each) {
        serve(from, each, execution);
    }
    void dispatch(ValidatorIndex from, const BlocksRequest& each) { serve(from, each, sync); }
    void dispatch(ValidatorIndex from, const BlocksAnswer& each) { sync.on_answer(from, each); }
    void dispatch(ValidatorIndex from, const ViewRequest& each) { serve(from, each, amnesia); }
    void dispatch(ValidatorIndex from, const ViewAnswer& each) { amnesia.on_answer(from, each); }

    void dispatch(ValidatorIndex from, const VotesRequest& each) { serve(from, each, shown); }
    void dispatch(ValidatorIndex from, const VotesAnswer& each) { shown.on_answer(from, each); }
    // Snapshots are the host's: it answers these before they come here.
    void dispatch(ValidatorIndex /*from*/, const SnapshotRequest& /*each*/) {}
    void dispatch(ValidatorIndex /*from*/, const SnapshotAnswer& /*each*/) {}
    void dispatch(ValidatorIndex /*from*/, const ChunkRequest& /*each*/) {}
    void dispatch(ValidatorIndex /*from*/, const ChunkAnswer& /*each*/) {}
    void dispatch(ValidatorIndex /*from*/, const HandOver& /*way*/) {}  // Engine's
    void dispatch(ValidatorIndex from, const Forward& each) { serve_forward(from, each); }

    template <class Request, class Part>
    void serve(ValidatorIndex from, const Request& request, Part& part) {
        if (context.may_serve(from)) {
            part.on_request(from, request);
        }
    }

    void serve_forward(ValidatorIndex from, const Forward& forward) {
        if (context.may_serve(from)) {
            batches.on_forward(from, forward);
        }
    }
    [[nodiscard]] bool begins_to_vote();
    void restore_floor(const StoredBlock& executed);
    void restore(const std::vector<JournalRecord>& records, std::vector<Vote>& votes);

    std::optional<HandOver> given_;  // verified
};

}  // namespace remit::consensus
