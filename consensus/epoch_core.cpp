#include "consensus/epoch_core.h"

#include <algorithm>
#include <utility>

#include "ledger/base/check.h"

namespace remit::consensus {

namespace {

/// What only a validator of the epoch may say; the rest is a question, or proves itself.
template <class T>
constexpr bool for_members =
    std::is_same_v<T, Vote> || std::is_same_v<T, Ack> || std::is_same_v<T, Offer> ||
    std::is_same_v<T, ExecutionVote> || std::is_same_v<T, ViewAnswer> ||
    std::is_same_v<T, VotesRequest> || std::is_same_v<T, VotesAnswer>;

/// What a node answers that takes no part in the epoch, or none for a while.
template <class T>
constexpr bool is_question =
    std::is_same_v<T, PeerStatus> || std::is_same_v<T, CertificatesRequest> ||
    std::is_same_v<T, HeadersRequest> || std::is_same_v<T, BatchesRequest> ||
    std::is_same_v<T, BlocksRequest> || std::is_same_v<T, ExecutionCertificateRequest> ||
    std::is_same_v<T, ViewRequest> || std::is_same_v<T, VotesRequest>;

/// About blocks that a node executes already: no more of them is kept than lies near its floor.
template <class T>
constexpr bool is_about_results =
    std::is_same_v<T, ExecutionVote> || std::is_same_v<T, ExecutionCertificate>;

}  // namespace

EpochCore::EpochCore(EpochConfig config, const Signer& signer, const BlockSource& source)
    : context(std::move(config), signer, source),
      tree(context.config.root, context.params().expiry_window),
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
               .seen = seen,
               .certified = certified}),
      sync({.context = context,
            .tree = tree,
            .execution = execution,
            .fetcher = fetcher,
            .peers = peers,
            .commits = commits,
            .simplex = simplex}) {}

void EpochCore::adopt(EpochCore& before) {
    context.metrics = before.context.metrics;
    context.nullified_by_leader = before.context.nullified_by_leader;
    context.metrics.view = 0;  // views begin again
    context.metrics.finalised_view = 0;
    context.serve_budget = before.context.serve_budget;
    context.halted = before.context.halted;
    context.voting = context.may_ever_vote();
    commits.adopt(std::move(before.commits));
}

void EpochCore::restore_floor(const StoredBlock& executed) {
    const auto height = executed.header.height;
    const Height window = context.params().expiry_window;
    const auto oldest = std::max(height > window ? height - window : 1, context.root_height() + 1);
    for (Height each = oldest; each < height; ++each) {
        if (const auto block = context.source.block(each)) {
            const auto each_digest = block->header.digest();
            tree.remember(block->header, each_digest);
            certified.add(block->header, each_digest);
        }
    }
    const auto digest = executed.header.digest();
    const bool own = executed.finalization && executed.finalization->digest == digest &&
                     context.check_certificate(*executed.finalization);
    certified.add(executed.header, digest);
    if (own) {
        certified.add(*executed.finalization);
    }
    tree.restart_at({executed.header, digest}, own ? executed.finalization : std::nullopt);
    context.metrics.committed_height = height;
    context.metrics.executed_height = height;
}

void EpochCore::restore(const std::vector<JournalRecord>& records, std::vector<Vote>& votes) {
    for (const auto& record : records) {
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
}

bool EpochCore::recover(const EpochRecovery& recovery) {
    peers.start();
    if (recovery.executed) {
        for (const auto& named : recovery.named_below) {
            tree.remember_name(named.digest, recovery.base_height);
        }
        restore_floor(*recovery.executed);
    }
    std::vector<JournalRecord> records;
    bool lost = recovery.votes_lost.has_value();
    bool resumed = false;
    const auto floor_view = tree.floor().header.view;
    for (const auto& record : recovery.records) {
        lost = record.type == RecordType::votes_lost || (lost && record.type != RecordType::resume);
        resumed = resumed || record.type == RecordType::resume;
        if (record.type == RecordType::certificate) {
            // Below the floor too: a fork that an earlier run found stands.
            if (const auto certificate = decode<Certificate>(record.bytes)) {
                simplex.recall(*certificate);
            }
        }
        if (record.view < floor_view || record.type == RecordType::hand_over) {
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
        records.push_back(record);
    }
    std::vector<Vote> votes;
    restore(records, votes);
    safety.prune_below(floor_view);
#ifdef SIM_BUG_amnesia_rule_off
    lost = false;
#endif
    // A guest asks as well, though it signs nothing here: what this set says tells whether votes of
    // the next epoch may be lost too (Engine::Epochs::doubt_votes). Two who join at once could not
    // ask in there: those who ask answer nobody.
    if (lost && (context.may_ever_vote() || !context.member())) {
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

void EpochCore::receive(ValidatorIndex from, const Message& message) {
    const bool member = context.set().contains(from);
    if (member) {
        peers.heard(from);
    }
    const bool follows = context.supported() && !context.halted;
    // Whoever executes slower than the chain grows would keep ever more for later. It lives as if
    // it were away, and comes back as if it had been.
    const bool gathers = follows && !commits.crowded();
    std::visit(
        [&](const auto& body) {
            using Body = std::decay_t<decltype(body)>;
            bool taken = gathers || is_question<Body> || (follows && is_about_results<Body>);
            if constexpr (std::is_same_v<Body, BatchHandle>) {
                taken = taken || batches.wants(body->digest());  // for a block that waits
            }
            if (taken && (member || !for_members<Body>)) {
                dispatch(from, body);
            }
        },
        message);
}

void EpochCore::dispatch(ValidatorIndex from, const PeerStatus& status) {
    peers.on_status(from, status);
    context.send(from, Pong{.sent_ms = status.sent_ms});
    if (status.epoch == context.set().epoch()) {
        simplex.help(from, status.view, status.finalised_view);
    }
}

void EpochCore::take(std::optional<ValidatorIndex> from, const HandOver& way) {
    if (given_) {
        return;
    }
    context.metrics.signatures_verified += way.finalization.signers.signatures.size();
    if (!verify(way, context.set(), context.config.chain_id)) {
        if (from) {
            context.blame(*from, "hand-over is wrong");
        }
        return;
    }
    if (!agrees(way, context.config.trusted)) {
        if (from) {
            context.blame(*from, "hand-over from another history than the trusted one");
        }
        return;
    }
    given_ = way;
    // A quorum has left: nothing is signed here any more, headers or not.
    context.config.left = true;
    context.voting = false;
    for (const auto& header : way.headers) {
        tree.add_header(header);
    }
    sync.proven_last(way.headers.front().digest());
    simplex.on_certificate(std::nullopt, way.finalization, false);
}

std::optional<HandOver> EpochCore::way_out() const {
    if (!context.ended) {
        return std::nullopt;
    }
    if (given_) {
        return given_;
    }
    const auto covering = tree.covering();
    if (!covering) {
        return std::nullopt;  // known to the database alone: a peer will say it
    }
    auto next = context.source.description(tree.floor().header.exec.next_epoch_hash);
    if (!next) {
        return std::nullopt;  // not executed so far here: a peer may be faster
    }
    HandOver way{.next = std::move(*next),
                 .headers = covering->headers,
                 .finalization = covering->finalization};
    const bool follows = agrees(way, context.config.trusted);
    return follows && verify(way, context.set(), context.config.chain_id)
               ? std::optional(std::move(way))
               : std::nullopt;
}

PeerStatus EpochCore::status() const {
    return {.epoch = context.set().epoch(),
            .view = simplex.view(),
            .finalised_view = tree.floor().header.view,
            .finalised_height = tree.floor().header.height,
            .executed_height = context.metrics.executed_height,
            .boot_counter = context.config.boot_counter,
            .sent_ms = context.now.mono_ms,
            .votes_from = amnesia.first_view()};
}

/// True once: nothing stands against voting any more.
bool EpochCore::begins_to_vote() {
    amnesia.look();
    if (context.voting || !context.may_ever_vote() || amnesia.active() || shown.waits()) {
        return false;
    }
    context.voting = true;
    batches.acknowledge_held();
    return true;
}

void EpochCore::settle() {
    batches.seal_due(false);
    // Each pass signs, certifies or enters something, all bounded; the bound is for our own bugs.
    int passes = 0;
    do {
        while (context.supported() && simplex.settle()) {
            CHECK(++passes < 100000);
        }
    } while (begins_to_vote());
    commits.drain();
    speculation.drain();
    batches.stream_sealed();
    batches.declare_wants(!context.halted && !commits.crowded());
    sync.declare_wants();
    amnesia.ask();
    shown.ask();
    fetcher.flush();
    if (peers.ping_due()) {
        context.broadcast(status());
    }
}

std::optional<std::int64_t> EpochCore::deadline() const {
    std::optional<std::int64_t> next;
    for (const auto& each :
         {context.supported() ? simplex.deadline() : std::nullopt, batches.seal_deadline(),
          fetcher.deadline(), sync.deadline(), amnesia.deadline(), shown.deadline(),
          context.signing() ? std::nullopt : std::optional(context.sign_again_ms),
          context.config.peers > 1 ? std::optional(peers.ping_at()) : std::nullopt}) {
        if (each) {
            next = next ? std::min(*next, *each) : *each;
        }
    }
    return next;
}

Metrics EpochCore::metrics() const {
    auto out = context.metrics;
    out.epoch = context.set().epoch();
    out.epoch_end_height = context.config.end_height;
    out.validators = context.set().size();
    out.member = context.set().contains(context.self());
    out.view = simplex.view();
    out.finalised_view = tree.floor().header.view;
    out.views_kept = simplex.views_kept();
    out.finalised_height = tree.floor().header.height;
    out.anchored_height = tree.floor().header.exec.height;
    out.delta_ms = static_cast<std::uint64_t>(context.delta_ms);
    out.batches_held = batches.held_count();
    out.batches_own = batches.own_count();
    out.authors_on_probation = batches.probation_count();
    out.blocks_waiting = commits.waiting();
    out.batch_bytes_waiting = batches.named_bytes();
    out.voting = context.may_vote();
    out.amnesiac = amnesia.active();
    out.waits_for_peers = shown.waits();
    return out;
}

}  // namespace remit::consensus
