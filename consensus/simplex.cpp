#include "consensus/simplex.h"

#include <algorithm>
#include <utility>

namespace remit::consensus {

namespace {
constexpr View views_ahead = 8;  // votes and proposals kept of views not entered yet
}  // namespace

Simplex::Simplex(const Parts& parts)
    : context_(parts.context),
      tree_(parts.tree),
      batches_(parts.batches),
      execution_(parts.execution),
      fetcher_(parts.fetcher),
      peers_(parts.peers),
      commits_(parts.commits),
      safety_(parts.safety),
      seen_(parts.seen),
      certified_(parts.certified),
      check_(parts.context, parts.tree, parts.batches, parts.execution, parts.fetcher) {}

void Simplex::restore(const Vote& vote) {
    if (vote.view > tree_.floor().header.view) {
        add_vote(vote);
    }
}

void Simplex::start() {
    if (tree_.floor().header.is_epoch_last()) {
        end_epoch();
    }
    enter(std::max<View>(tree_.highest_certified() + 1, 1));
    resend_at_ = context_.now.mono_ms;
}

void Simplex::on_proposal(ValidatorIndex from, const Proposal& proposal) {
    const auto& header = proposal.header;
    if (header.view > view_ + views_ahead || header.epoch != context_.set().epoch()) {
        return;
    }
    const Vote vote{.kind = VoteKind::notarize,
                    .epoch = header.epoch,
                    .view = header.view,
                    .digest = header.digest(),
                    .signer = context_.schedule.leader(header.view),
                    .signature = proposal.leader_signature};
    if (header.view <= tree_.floor().header.view) {
        if (from == vote.signer) {
            seen_.add_unchecked(vote);
        }
        return;
    }
    auto& state = views_[header.view];
    const bool repeated = state.proposal && state.proposal_digest == vote.digest;
    if (!repeated && state.proposal && state.leader_equivocated) {
        return;  // a third one proves nothing more
    }
    if (!repeated && !context_.check_signature(vote.signer,
                                               vote_bytes(context_.config.chain_id, context_.set(),
                                                          vote.kind, vote.view, vote.digest),
                                               vote.signature)) {
        context_.blame(from, "proposal is not signed by its view's leader");
        return;
    }
    add_vote(vote);
    take(from, proposal.justification, header);
    if (repeated || state.proposal || header.view <= tree_.floor().header.view) {
        return;  // one per view: a second one was evidence
    }
    state.proposal = proposal;
    state.proposal_digest = vote.digest;
    state.invalid = !check_.well_formed(header);
    tree_.add_header(header);
    if (proposal.inline_batch && !state.invalid) {
        for (const auto& entry : header.batches) {
            if (entry.author == header.leader) {
                batches_.on_named_batch(from, proposal.inline_batch, entry);
            }
        }
    }
}

/// A justification is not signed, so a wrong part says nothing of the leader or the header. But
/// whoever sent it has not checked it, which every honest validator does: it pays, and the rest is
/// not looked at, or one message could ask for a thousand signature checks again and again.
void Simplex::take(ValidatorIndex from, const Justification& given, const Header& header) {
    if (given.parent && !on_certificate(from, *given.parent, true)) {
        return;
    }
    for (const auto& nullification : given.nullifications) {
        if (!on_certificate(from, nullification, true)) {
            return;
        }
    }
    for (const auto& available : given.availability) {
        const auto& named = header.batches;
        const bool is_named = std::find(named.begin(), named.end(), available.entry) != named.end();
        if (batches_.held(available.entry.digest) == nullptr &&
            !batches_.on_availability(from, available, is_named)) {
            return;
        }
    }
    if (given.execution) {
        execution_.on_certificate(from, *given.execution);
    }
}

void Simplex::on_vote(ValidatorIndex from, const Vote& vote) {
    if (vote.signer != from || vote.epoch != context_.set().epoch()) {
        return;
    }
    if (vote.view < view_ && vote.kind != VoteKind::finalize) {
        help(from, vote.view, tree_.floor().header.view);
    }
    if (vote.view > view_ + views_ahead) {
        return;
    }
    if (vote.view <= tree_.floor().header.view) {
        seen_.add_unchecked(vote);
        return;
    }
    auto& state = views_[vote.view];
    const auto* slot = state.votes.slot(vote.kind, from);
    const auto* held = tree_.certificate(vote.kind, vote.view);
#ifndef SIM_BUG_duplicate_signers
    if (slot != nullptr && slot->digest == vote.digest) {
        return;
    }
#endif
    if ((slot != nullptr && slot->digest != vote.digest && state.accused.contains(from)) ||
        (slot == nullptr && held != nullptr && held->digest == vote.digest)) {
        seen_.add_unchecked(vote);
        return;  // nothing left to learn from it but a contradiction
    }
    if (!context_.check_signature(
            from,
            vote_bytes(context_.config.chain_id, context_.set(), vote.kind, vote.view, vote.digest),
            vote.signature)) {
        context_.blame(from, "vote has a bad signature");
        return;
    }
    add_vote(vote);
}

bool Simplex::on_certificate(std::optional<ValidatorIndex> blamed, const Certificate& certificate,
                             bool relay) {
    if (certificate.epoch != context_.set().epoch()) {
        return true;
    }
    const auto& floor = tree_.floor();
    const bool below =
        certificate.view < floor.header.view ||
        (certificate.view == floor.header.view && certificate.digest != floor.digest);
    const bool held = tree_.certificate(certificate.kind, certificate.view) != nullptr;
    if ((below || held) && !certified_.contradiction(certificate)) {
        return true;  // nothing to learn: dropped unverified
    }
    if (!context_.check_certificate(certificate)) {
        if (blamed) {
            context_.blame(*blamed, "certificate is wrong");
        }
        return false;
    }
    accept(certificate, relay);
    return true;
}

void Simplex::help(ValidatorIndex peer, View view, View finalised_view) {
    const auto& floor = tree_.floor().header;
    const bool needs_floor = finalised_view < floor.view || view <= floor.view;
    if ((view >= view_ && !needs_floor) || !peers_.may_answer_laggard(peer)) {
        return;
    }
    if (const auto* finalization = tree_.certificate(VoteKind::finalize, floor.view);
        finalization != nullptr && needs_floor) {
        context_.send(peer, *finalization);
    }
    if (const auto way = entry(); way && view < view_) {
        context_.send(peer, *way);
    }
}

void Simplex::add_vote(const Vote& vote) {
    seen_.add(vote);
    auto& state = views_[vote.view];
    if (vote.kind == VoteKind::notarize && vote.view == view_) {
        const auto now = context_.now.mono_ms;
        state.first_notarize_ms = state.first_notarize_ms.value_or(now);
        peers_.voted(vote.signer, now - *state.first_notarize_ms);
    }
    if (const auto found = state.votes.add(vote)) {
        state.accused.insert(vote.signer);
        if (found->kind == EvidenceKind::double_notarize &&
            vote.signer == context_.schedule.leader(vote.view)) {
            state.leader_equivocated = true;
        }
    }
    const auto* held = tree_.certificate(vote.kind, vote.view);
    if (held == nullptr || held->digest != vote.digest) {
        if (const auto formed = state.votes.certificate(vote.kind, context_.set())) {
            accept(*formed, true);
        }
    }
}

void Simplex::accept(const Certificate& certificate, bool relay) {
    if (auto fork = certified_.contradiction(certificate)) {
        stop(std::move(*fork));
        return;
    }
    if (!tree_.add_certificate(certificate)) {
        return;
    }
    certified_.add(certificate);
    seen_.add(certificate);
    if (certificate.kind == VoteKind::nullify) {
        const auto leader = context_.schedule.leader(certificate.view);
        ++context_.metrics.views_nullified;
        ++context_.nullified_by_leader[context_.set().validators()[leader].name];
    }
    if (relay) {
        context_.broadcast(certificate);
    }
}

/// The others hear of both certificates: each may hold one of them only. What single validators
/// signed twice is evidence.
void Simplex::stop(Fork fork) {
    if (context_.halted) {
        return;
    }
    for (const auto& certificate : {fork.held, std::optional(fork.other)}) {
        if (certificate) {
            seen_.add(*certificate);
            // With the headers, without which a restart could not tell what contradicts what.
            for (const auto* block : tree_.path_to(certificate->digest).blocks) {
                context_.persist(record_of(block->header));
            }
            context_.persist(record_of(*certificate));
            context_.broadcast(*certificate);
        }
    }
    halt(std::move(fork));
}

void Simplex::halt(Fork fork) {
    context_.halt();
    context_.forked = true;
    context_.out.fork = std::move(fork);
}

void Simplex::recall(const Certificate& certificate) {
    auto fork = certified_.contradiction(certificate);
    if (fork && !context_.halted && context_.check_certificate(certificate)) {
        halt(std::move(*fork));
    }
    certified_.add(certificate);
}

void Simplex::emit(SignedVote&& vote, std::optional<Proposal> proposal) {
    for (auto& record : vote.records) {
        context_.persist(std::move(record));
    }
    if (proposal) {
        context_.broadcast(std::move(*proposal));
    } else {
        context_.broadcast(vote.vote);
    }
    add_vote(vote.vote);
}

void Simplex::note(SafetyRefusal refusal) {
    if (refusal == SafetyRefusal::not_signed) {
        context_.pause_signing();
    }
}

bool Simplex::wants_header(const Hash& digest) const {
    return fetcher_.wants(HeadersRequest{digest, limits::answer_headers});
}

std::optional<Certificate> Simplex::entry() const {
    const auto* held = view_ == 0 ? nullptr : tree_.entry_certificate(view_ - 1);
    return held == nullptr ? std::nullopt : std::optional(*held);
}

bool Simplex::settle() {
    if (context_.ended) {
        return false;
    }
    bool happened = finalise();
    happened = enter_certified() || happened;
    happened = vote_finalize() || happened;
    update_tip();
    working_ = work();
    happened = consider_proposal() || happened;
    arm_timers();
    happened = fire_timers() || happened;
    happened = propose() || happened;
    return happened;
}

bool Simplex::finalise() {
    if (context_.forked) {
        return false;
    }
    // Lowest first: a header that is missing below one is missing below all above it, and a node
    // that catches up holds many of them.
    const auto finalizations = tree_.above_floor(VoteKind::finalize);
    if (finalizations.empty()) {
        return false;
    }
    const auto& lowest = *finalizations.front();
    const auto path = tree_.path_to(lowest.digest);
    if (auto fork = fork_at(finalizations, path)) {
        stop(std::move(*fork));
        return false;
    }
    if (path.state == BlockTree::Path::State::header_missing) {
        const auto voted = views_.find(lowest.view);
        const auto hint =
            voted == views_.end() ? std::nullopt : voted->second.votes.voter_for(lowest.digest);
        if (!path.far) {
            fetcher_.want(HeadersRequest{path.missing, limits::answer_headers},
                          {.first = hint.value_or(context_.schedule.leader(lowest.view))});
        }
        return false;
    }
    std::vector<Block> blocks;
    std::vector<Header> closing;  // never committed or executed: it only carried votes
    for (const auto* block : path.blocks) {
        if (block->header.is_closing()) {
            closing.push_back(block->header);
        } else {
            blocks.push_back(*block);
        }
    }
    set_floor(blocks, closing, Certificate(lowest));
    return true;
}

/// What the way up to the lowest Finalization breaks.
std::optional<Fork> Simplex::fork_at(const std::vector<const Certificate*>& finalizations,
                                     const BlockTree::Path& path) const {
    const auto& lowest = *finalizations.front();
    switch (path.state) {
        case BlockTree::Path::State::complete:
            return certified_.contradiction(path.blocks, lowest);
        case BlockTree::Path::State::not_on_floor:
            return Fork{.broken = ForkRule::two_chains,
                        .held = certified_.covering(tree_.floor().header.view),
                        .other = lowest};
        case BlockTree::Path::State::header_missing:
            // Its header may never come: a later finalised block that stands on the floor without
            // it tells as much.
            if (path.missing == lowest.digest && finalizations.size() > 1 &&
                tree_.path_to(finalizations[1]->digest).state == BlockTree::Path::State::complete) {
                return Fork{
                    .broken = ForkRule::two_chains, .held = *finalizations[1], .other = lowest};
            }
            return std::nullopt;
    }
    return std::nullopt;
}

void Simplex::set_floor(const std::vector<Block>& blocks, const std::vector<Header>& closing,
                        const Certificate& covering) {
    for (const auto& block : blocks) {
        const auto view = block.header.view;
        const auto* finalization = tree_.certificate(VoteKind::finalize, view);
        // So that a restart finds its way even if the host's newest blocks were not durable yet.
        const auto* mine = safety_.vote(VoteKind::notarize, view);
        if (mine == nullptr || mine->digest != block.digest) {
            context_.out.journal.push_back(record_of(block.header));
        }
        if (finalization != nullptr) {
            context_.out.journal.push_back(record_of(*finalization));
        }
        if (finalization == nullptr && &block == &blocks.back()) {
            commits_.add(block, covering, closing);
        } else {
            commits_.add(block,
                         finalization == nullptr ? std::nullopt : std::optional(*finalization), {});
        }
        certified_.add(block.header, block.digest);
        ++context_.metrics.blocks_finalised;
        context_.metrics.empty_blocks_finalised += block.header.batches.empty() ? 1 : 0;
    }
    context_.metrics.certificate_bytes = encode(covering).size();
    tree_.advance(blocks);
    const auto& floor = tree_.floor().header;
    batches_.finalised();
    execution_.finalised(blocks);
    safety_.prune_below(floor.view);
    views_.erase(views_.begin(), views_.upper_bound(floor.view));
    consecutive_nullified_ = 0;
    if (floor.is_epoch_last()) {
        // The way out must be there after a crash, whatever of the database is.
        for (const auto& header : closing) {
            context_.persist(record_of(header));
        }
        context_.persist(record_of(covering));
        end_epoch();
    }
}

/// Who holds a Finalization that covers the last block votes no more in its epoch.
void Simplex::end_epoch() {
    context_.ended = true;
    context_.voting = false;
    leader_deadline_.reset();
    certificate_deadline_.reset();
    due_anchor_.reset();
}

/// N1: a view is entered on a certificate alone, never on a number that somebody says.
bool Simplex::enter_certified() {
#ifdef SIM_BUG_view_on_timeout
    if (safety_.vote(VoteKind::nullify, view_) != nullptr) {
        enter(view_ + 1);
        return true;
    }
#endif
    const auto certified = tree_.highest_certified();
    if (certified < view_) {
        return false;
    }
    enter(certified + 1);
    return true;
}

void Simplex::enter(View view) {
    const bool nullified = tree_.certificate(VoteKind::nullify, view - 1) != nullptr;
    if (nullified && tree_.certificate(VoteKind::notarize, view - 1) == nullptr) {
        ++consecutive_nullified_;
    }
    view_ = view;
    context_.metrics.view = view;
    entered_ms_ = context_.now.mono_ms;
    leader_deadline_.reset();
    certificate_deadline_.reset();
    time_wait_wall_ms_.reset();
    resend_at_ = context_.now.mono_ms + context_.params().resend_ms;
    update_tip();
    if (const auto leader = context_.schedule.leader(view); leader != context_.self()) {
        batches_.offer(leader, tip_.named, 2 * context_.delta_ms, nullified);
    }
}

bool Simplex::vote_finalize() {
    bool happened = false;
    if (!context_.may_vote()) {
        return happened;
    }
    // Copies: emitting a vote may form a certificate and move what the tree holds.
    std::vector<Certificate> notarizations;
    for (const auto* each : tree_.above_floor(VoteKind::notarize)) {
        if (safety_.vote(VoteKind::finalize, each->view) == nullptr) {
            notarizations.push_back(*each);
        }
    }
#ifdef SIM_BUG_finalize_unnotarized
    if (const auto* mine = safety_.vote(VoteKind::notarize, view_);
        mine != nullptr && safety_.vote(VoteKind::finalize, view_) == nullptr) {
        notarizations.push_back({.kind = VoteKind::notarize,
                                 .epoch = mine->epoch,
                                 .view = view_,
                                 .digest = mine->digest,
                                 .valset_hash = context_.set().hash(),
                                 .signers = {}});
    }
#endif
    for (const auto& notarization : notarizations) {
        const auto view = notarization.view;
        const auto state = views_.find(view);
        if (state != views_.end() && state->second.leader_equivocated) {
            continue;
        }
        auto vote = safety_.finalize(notarization, entry());
        if (vote) {
            emit(std::move(*vote), std::nullopt);
            happened = true;
            continue;
        }
        note(vote.error());
        if (!context_.signing()) {
            break;
        }
    }
    return happened;
}

}  // namespace remit::consensus
