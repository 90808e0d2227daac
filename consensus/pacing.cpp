#include <algorithm>

#include "consensus/simplex.h"

// When a view needs a block, and what happens when none comes. No work, no timers: an idle view
// lasts.

namespace remit::consensus {

namespace {
constexpr std::int64_t quiet_chain_ms = 10'000;
constexpr std::size_t resent_views = 8;  // the newest notarized ones without a Finalization
}  // namespace

void Simplex::update_tip() {
    if (tip_.view == view_ && tip_.version == tree_.version() && view_ != 0) {
        return;
    }
    tip_ = Tip{.known = false,
               .block = tree_.floor(),
               .above_floor = {},
               .named = {},
               .view = view_,
               .version = tree_.version()};
    const auto parent = tree_.parent_for(view_);
    if (parent.state != BlockTree::Parent::State::found) {
        return;
    }
    const auto path = tree_.path_to(parent.digest);
    if (path.state != BlockTree::Path::State::complete) {
        return;
    }
    tip_.known = true;
    tip_.block = *parent.block;
    for (const auto* block : path.blocks) {
        tip_.above_floor.push_back(*block);
        for (const auto& entry : block->header.batches) {
            tip_.named.insert(entry.digest);
        }
    }
}

bool Simplex::work() {
    if (tip_.block.header.flags != 0) {
        return true;  // closing phase
    }
    const auto state = views_.find(view_);
    if (state != views_.end() &&
        (state->second.proposal ||
         state->second.votes.count(VoteKind::nullify) > context_.set().f())) {
        return true;
    }
    // Its Finalization is normally one hop behind the Notarization that opened this view.
    const bool overdue = context_.now.mono_ms >= entered_ms_ + context_.delta_ms;
    if ((overdue && unfinished_block()) || anchor_overdue() || wake_due() || awaited()) {
        return true;
    }
    const auto* anchor = execution_.newest_on(tip_.block, tip_.block.header.exec.height);
    const auto executed = anchor != nullptr ? anchor->result.height : tip_.block.header.exec.height;
    if (tip_.block.header.height + 1 - executed > context_.params().lag_max) {
        return false;  // N7 freezes payload
    }
    const WorkCache now{.tree = tree_.version(),
                        .batches = batches_.version(),
                        .view = view_,
                        .unnamed = {},
                        .valid = true};
    const auto& due = work_cache_.unnamed.due_ms;
    const bool aged = due && *due <= context_.now.mono_ms;
    if (!work_cache_.valid || aged || work_cache_.tree != now.tree ||
        work_cache_.batches != now.batches || work_cache_.view != now.view) {
        work_cache_ = now;
        work_cache_.unnamed = batches_.unnamed(tip_.named);
    }
    return work_cache_.unnamed.any;
}

/// A block that carried batches, or a due ledger event, or anchors a result, is notarized but not
/// finalised: without this a last payment could stay open in an idle chain.
bool Simplex::unfinished_block() const {
    auto anchored = tree_.floor().header.exec.height;
    for (const auto& block : tip_.above_floor) {
        const auto& header = block.header;
        const bool due =
            wake_.time_ms && header.height > wake_.height && header.time_ms >= *wake_.time_ms;
        if (!header.batches.empty() || due || header.exec.height > anchored) {
            return true;
        }
        anchored = header.exec.height;
    }
    return false;
}

/// A result newer than the chain's is certified, and some height up to it carried batches; or it is
/// the first one of this epoch's set, on which the old set may retire.
bool Simplex::anchor_due() const {
    const auto anchored = tip_.block.header.exec.height;
    const auto* newest = execution_.newest_on(tip_.block, anchored);
    return newest != nullptr && (anchored < context_.root_height() ||
                                 tree_.carried_batches(anchored, newest->result.height));
}

/// Nobody waits for an anchor: a receipt is proven without it. So it is left to the next block with
/// payload, and gets a block of its own only after Delta, or once half of MAX_LAG is used up.
bool Simplex::anchor_overdue() {
    if (!anchor_due()) {
        due_anchor_.reset();
        return false;
    }
    const auto& tip = tip_.block.header;
    if (!due_anchor_ || due_anchor_->anchored != tip.exec.height) {
        due_anchor_ = {.anchored = tip.exec.height,
                       .overdue_ms = context_.now.mono_ms + context_.delta_ms};
    }
    return context_.now.mono_ms >= due_anchor_->overdue_ms ||
           tip.height - tip.exec.height > context_.params().lag_max / 2;
}

/// The ledger's due time has passed and no block above the state that named it has reached it.
bool Simplex::wake_due() const {
    const auto& tip = tip_.block.header;
    return wake_.time_ms && *wake_.time_ms <= context_.now.wall_ms &&
           !(tip.height > wake_.height && tip.time_ms >= *wake_.time_ms);
}

/// By block time, which all see alike: however many claim to wait, and to whomever, a quiet chain
/// gets no more than a block each so long.
std::int64_t Simplex::awaited_from_ms() const {
    return tip_.block.header.time_ms + quiet_chain_ms;
}

/// A validator whose votes were lost waits for a view that an idle chain does not reach by itself.
/// That is its word alone, and it may tell one of us and not another. So it calls for a block by
/// the leader who hears it; nobody else runs timers against a leader who may not have been told,
/// but for one that waits itself or is silent.
bool Simplex::awaited() const {
    const auto leader = context_.schedule.leader(view_);
    if (context_.now.wall_ms < awaited_from_ms() || !peers_.anybody_waits(view_)) {
        return false;
    }
    return leader == context_.self() || peers_.waits(leader, view_) || peers_.quiet(leader);
}

void Simplex::arm_timers() {
    if (!working_ || !context_.voting) {
        leader_deadline_.reset();
        certificate_deadline_.reset();
        return;
    }
    if (!leader_deadline_) {
        const auto delay = context_.delta_ms << std::min<std::uint32_t>(consecutive_nullified_, 3);
        leader_deadline_ = context_.now.mono_ms + 2 * delay;
        certificate_deadline_ = context_.now.mono_ms + 5 * delay;
    }
}

bool Simplex::timeout(std::uint64_t& counter) {
    auto vote = safety_.nullify(view_, entry());
    if (!vote) {
        note(vote.error());
        return false;
    }
    ++counter;
    emit(std::move(*vote), std::nullopt);
    return true;
}

bool Simplex::fire_timers() {
    const auto now = context_.now.mono_ms;
    bool happened = false;
    if (context_.may_vote() && safety_.vote(VoteKind::nullify, view_) == nullptr &&
        safety_.vote(VoteKind::finalize, view_) == nullptr) {
        auto& state = views_[view_];
        const auto leader = context_.schedule.leader(view_);
        if (state.invalid) {
            happened = timeout(context_.metrics.timeouts_invalid);
        } else if (state.votes.slot(VoteKind::nullify, leader) != nullptr) {
            happened = timeout(context_.metrics.timeouts_skipped);
        } else if (working_ && !state.proposal && peers_.quiet(leader)) {
            happened = timeout(context_.metrics.timeouts_skipped);
        } else if (leader_deadline_ && now >= *leader_deadline_ && !state.proposal) {
            batches_.offer(std::nullopt, tip_.named, 0, false);
            happened = timeout(context_.metrics.timeouts_no_proposal);
        } else if (certificate_deadline_ && now >= *certificate_deadline_) {
            happened = timeout(context_.metrics.timeouts_no_certificate);
        }
    }
    if (now >= resend_at_) {
        resend_at_ = now + context_.params().resend_ms;
        if (anything_to_resend()) {
            resend();
        }
    }
    return happened;
}

bool Simplex::anything_to_resend() const {
    if (context_.forked) {
        return false;  // what it signed counts for nothing any more
    }
    return working_ || safety_.highest_view() >= view_ ||
           !tree_.above_floor(VoteKind::notarize).empty() || execution_.anything_to_resend() ||
           batches_.held_count() > 0;
}

void Simplex::resend() {
    if (const auto way = entry()) {
        context_.broadcast(*way);
    }
    const auto state = views_.find(view_);
    const auto* notarize = safety_.vote(VoteKind::notarize, view_);
    if (notarize != nullptr && context_.schedule.leader(view_) == context_.self()) {
        if (state != views_.end() && state->second.proposal) {
            context_.broadcast(*state->second.proposal);
        } else if (const auto* block = tree_.find(notarize->digest)) {
            // A proposal of an earlier run: the journal kept its header.
            context_.broadcast(Proposal{.header = block->header,
                                        .leader_signature = notarize->signature,
                                        .justification = justification(block->header, true),
                                        .inline_batch = nullptr});
        }
    } else if (notarize != nullptr) {
        context_.broadcast(*notarize);
    }
    if (const auto* nullify = safety_.vote(VoteKind::nullify, view_)) {
        context_.broadcast(*nullify);
    }
    auto unfinished = tree_.above_floor(VoteKind::notarize);
    if (unfinished.size() > resent_views) {
        unfinished.erase(unfinished.begin(),
                         unfinished.end() - static_cast<std::ptrdiff_t>(resent_views));
    }
    for (const auto* each : unfinished) {
        context_.broadcast(*each);
        if (const auto* finalize = safety_.vote(VoteKind::finalize, each->view)) {
            context_.broadcast(*finalize);
        }
    }
    batches_.offer(std::nullopt, tip_.named, 2 * context_.delta_ms, false);
    execution_.resend();
}

std::optional<std::int64_t> Simplex::deadline() const {
    if (context_.ended) {
        return std::nullopt;
    }
    const auto now = context_.now;
    std::optional<std::int64_t> next;
    const auto at = [&next](std::int64_t when) { next = next ? std::min(*next, when) : when; };
    const bool may_nullify = context_.may_vote() &&
                             safety_.vote(VoteKind::nullify, view_) == nullptr &&
                             safety_.vote(VoteKind::finalize, view_) == nullptr;
    const auto state = views_.find(view_);
    const bool proposed = state != views_.end() && state->second.proposal;
    if (may_nullify && leader_deadline_ && !proposed) {
        at(*leader_deadline_);
        const auto quiet_at = peers_.quiet_at(context_.schedule.leader(view_));
        if (quiet_at > now.mono_ms) {
            at(quiet_at);
        }
    }
    if (may_nullify && certificate_deadline_) {
        at(*certificate_deadline_);
    }
    if (anything_to_resend()) {
        at(resend_at_);
    }
    if (entered_ms_ + context_.delta_ms > now.mono_ms && unfinished_block()) {
        at(entered_ms_ + context_.delta_ms);
    }
    if (const auto old = work_cache_.unnamed.due_ms; old && *old > now.mono_ms) {
        at(*old);
    }
    if (due_anchor_ && due_anchor_->overdue_ms > now.mono_ms) {
        at(due_anchor_->overdue_ms);
    }
    const auto awaited_from =
        peers_.anybody_waits(view_) ? std::optional(awaited_from_ms()) : std::nullopt;
    for (const auto& wall : {time_wait_wall_ms_, wake_.time_ms, awaited_from}) {
        if (wall && *wall > now.wall_ms) {
            at(now.mono_ms + (*wall - now.wall_ms));
        }
    }
    return next;
}

}  // namespace remit::consensus
