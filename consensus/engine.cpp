#include "consensus/engine.h"

#include <algorithm>
#include <utility>

#include "consensus/amnesia.h"
#include "consensus/seen_votes.h"
#include "consensus/shown_votes.h"
#include "consensus/simplex.h"
#include "consensus/speculation.h"
#include "consensus/sync.h"
#include "ledger/base/check.h"

namespace remit::consensus {

/// The parts of one validator, wired together.
class Engine::Core {
public:
    Core(EngineConfig config, const Signer& signer, const BlockSource& source);

    [[nodiscard]] bool recover(const Recovery& recovery);
    void handle(const Tick& /*tick*/) {}
    void handle(const PeerMessage& message);
    void handle(const PeerConnected& event);
    void handle(const PeerDisconnected& event);
    void handle(const SubmitItems& event) { batches.submit(event); }
    void handle(const BlockExecuted& event) { execution.executed(event.result); }
    void handle(const BlockSpeculated& event) { execution.speculated(event.result); }
    void handle(const WakeAt& event) { simplex.set_wake(event); }

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
        batches.on_availability(from, each);
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
    void dispatch(ValidatorIndex, const SnapshotRequest&) {}
    void dispatch(ValidatorIndex, const SnapshotAnswer&) {}
    void dispatch(ValidatorIndex, const ChunkRequest&) {}
    void dispatch(ValidatorIndex, const ChunkAnswer&) {}

    template <class Request, class Part>
    void serve(ValidatorIndex from, const Request& request, Part& part) {
        if (context.may_serve(from)) {
            part.on_request(from, request);
        }
    }

    void settle();
    [[nodiscard]] bool begins_to_vote();
    [[nodiscard]] PeerStatus status() const;
    [[nodiscard]] std::optional<std::int64_t> deadline() const;
    [[nodiscard]] Metrics metrics() const;

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
    Amnesia amnesia;
    ShownVotes shown;
    Simplex simplex;
    Sync sync;

private:
    void restore_floor(const StoredBlock& executed);
};

Engine::Core::Core(EngineConfig config, const Signer& signer, const BlockSource& source)
    : context(std::move(config), signer, source),
      tree(context.config.genesis, context.params().expiry_window),
      fetcher(context),
      peers(context),
      batches(context, tree, fetcher),
      execution(context, tree),
      commits(context, batches),
      speculation(context, tree, batches),
      safety(context.config.chain_id, context.set(), context.self(), tree.root_digest(), signer),
      seen(context),
      amnesia(context, tree, safety),
      shown(context, safety, seen, amnesia),
      simplex({.context = context,
               .tree = tree,
               .batches = batches,
               .execution = execution,
               .fetcher = fetcher,
               .peers = peers,
               .commits = commits,
               .safety = safety,
               .seen = seen}),
      sync({.context = context,
            .tree = tree,
            .execution = execution,
            .fetcher = fetcher,
            .peers = peers,
            .commits = commits,
            .simplex = simplex}) {}

void Engine::Core::restore_floor(const StoredBlock& executed) {
    const auto height = executed.header.height;
    const Height window = context.params().expiry_window;
    for (Height each = height > window ? height - window : 1; each < height; ++each) {
        if (const auto block = context.source.block(each)) {
            tree.remember(block->header, block->header.digest());
        }
    }
    const auto digest = executed.header.digest();
    const bool own = executed.finalization && executed.finalization->digest == digest &&
                     context.check_certificate(*executed.finalization);
    tree.restart_at({executed.header, digest}, own ? executed.finalization : std::nullopt);
    context.metrics.committed_height = height;
    context.metrics.executed_height = height;
}

bool Engine::Core::recover(const Recovery& recovery) {
    peers.start();
    if (recovery.executed) {
        for (const auto& named : recovery.named_below) {
            tree.remember_name(named.digest, recovery.base_height);
        }
        restore_floor(*recovery.executed);
    }
    std::vector<Vote> votes;
    bool lost = recovery.votes_lost.has_value();
    bool resumed = false;
    const auto floor_view = tree.floor().header.view;
    for (const auto& record : recovery.journal) {
        lost = record.type == RecordType::votes_lost || (lost && record.type != RecordType::resume);
        resumed = resumed || record.type == RecordType::resume;
        if (record.view < floor_view) {
            continue;  // nothing is signed there again, so there is nothing to remember
        }
#ifdef SIM_BUG_journal_not_replayed
        if (record.type == RecordType::vote) {
            continue;
        }
#endif
        if (!safety.restore(record)) {
            return false;
        }
        if (record.type == RecordType::vote) {
            if (const auto vote = decode<Vote>(record.bytes)) {
                votes.push_back(*vote);
            }
        } else if (record.type == RecordType::header) {
            if (const auto header = decode<Header>(record.bytes)) {
                tree.add_header(*header);
            }
        } else if (const auto certificate = decode<Certificate>(record.bytes)) {
            tree.add_certificate(*certificate);
            seen.add(*certificate);
        }
    }
    safety.prune_below(floor_view);
#ifdef SIM_BUG_amnesia_rule_off
    lost = false;
#endif
    if (lost) {
        if (!recovery.votes_lost) {
            return false;
        }
        amnesia.begin(*recovery.votes_lost);
    } else if (resumed) {
        amnesia.wait_for_first_view();
    }
    if (recovery.ask_for_votes) {
        shown.begin(*recovery.ask_for_votes, votes);
    }
    batches.recover(recovery.batches);
    simplex.set_wake(recovery.wake_at);
    simplex.start();
    for (const auto& vote : votes) {
        simplex.restore(vote);
    }
    for (const auto& result : recovery.results) {
        execution.executed(result);
    }
    return true;
}

void Engine::Core::handle(const PeerMessage& message) {
    if (!context.set().contains(message.from) || message.from == context.self()) {
        return;
    }
    peers.heard(message.from);
    std::visit([&](const auto& body) { dispatch(message.from, body); }, message.message);
}

void Engine::Core::handle(const PeerConnected& event) {
    if (context.set().contains(event.peer)) {
        context.send(event.peer, status());
        shown.on_connected(event.peer);
    }
}

void Engine::Core::handle(const PeerDisconnected& event) {
    if (context.set().contains(event.peer)) {
        peers.forget_status(event.peer);
    }
}

void Engine::Core::dispatch(ValidatorIndex from, const PeerStatus& status) {
    if (status.epoch != context.set().epoch()) {
        return;
    }
    peers.on_status(from, status);
    context.send(from, Pong{.sent_ms = status.sent_ms});
    simplex.help(from, status.view, status.finalised_view);
}

PeerStatus Engine::Core::status() const {
    return {.epoch = context.set().epoch(),
            .view = simplex.view(),
            .finalised_view = tree.floor().header.view,
            .finalised_height = tree.floor().header.height,
            .executed_height = context.metrics.executed_height,
            .boot_counter = context.config.boot_counter,
            .sent_ms = context.now.mono_ms};
}

/// True once: nothing stands against voting any more.
bool Engine::Core::begins_to_vote() {
    amnesia.look();
    if (context.voting || context.halted || amnesia.active() || shown.waits()) {
        return false;
    }
    context.voting = true;
    batches.acknowledge_held();
    return true;
}

void Engine::Core::settle() {
    batches.seal_due(false);
    // Each pass signs, certifies or enters something, all bounded; the bound is for our own bugs.
    int passes = 0;
    do {
        while (simplex.settle()) {
            CHECK(++passes < 100000);
        }
    } while (begins_to_vote());
    commits.drain();
    speculation.drain();
    batches.stream_sealed();
    batches.declare_wants();
    sync.declare_wants();
    amnesia.ask();
    shown.ask();
    fetcher.flush();
    if (peers.ping_due()) {
        context.broadcast(status());
    }
}

std::optional<std::int64_t> Engine::Core::deadline() const {
    std::optional<std::int64_t> next;
    for (const auto& each :
         {simplex.deadline(), batches.seal_deadline(), fetcher.deadline(), sync.deadline(),
          amnesia.deadline(), shown.deadline(),
          context.signing() ? std::nullopt : std::optional(context.sign_again_ms),
          context.set().size() > 1 ? std::optional(peers.ping_at()) : std::nullopt}) {
        if (each) {
            next = next ? std::min(*next, *each) : *each;
        }
    }
    return next;
}

Metrics Engine::Core::metrics() const {
    auto out = context.metrics;
    out.view = simplex.view();
    out.finalised_view = tree.floor().header.view;
    out.finalised_height = tree.floor().header.height;
    out.anchored_height = tree.floor().header.exec.height;
    out.delta_ms = static_cast<std::uint64_t>(context.delta_ms);
    out.batches_held = batches.held_count();
    out.batches_own = batches.own_count();
    out.voting = context.may_vote();
    out.amnesiac = amnesia.active();
    out.waits_for_peers = shown.waits();
    return out;
}

Engine::Engine(EngineConfig config, const Signer& signer, const BlockSource& source)
    : core_(std::make_unique<Core>(std::move(config), signer, source)) {}

Engine::~Engine() = default;

Engine::Started Engine::start(const Recovery& recovery, Now now) {
    core_->context.now = now;
    if (!core_->recover(recovery)) {
        return {};
    }
    core_->settle();
    return {.ok = true, .output = std::exchange(core_->context.out, {})};
}

Output Engine::step(const Event& event, Now now) {
    core_->context.now = now;
    std::visit([this](const auto& body) { core_->handle(body); }, event);
    core_->settle();
    return std::exchange(core_->context.out, {});
}

std::optional<std::int64_t> Engine::next_deadline() const {
    return core_->deadline();
}

Metrics Engine::metrics() const {
    return core_->metrics();
}

ValidatorIndex Engine::leader(View view) const {
    return core_->context.schedule.leader(view);
}

}  // namespace remit::consensus
