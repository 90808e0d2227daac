#include "consensus/shown_votes.h"

#include <algorithm>

namespace remit::consensus {

namespace {
constexpr std::int64_t ask_again_ms = 250;  // a start waits for the answers
}  // namespace

void ShownVotes::begin(const Hash& nonce, const std::vector<Vote>& recovered) {
    if (!context_.set().contains(context_.self())) {
        return;  // a guest has no votes: it asks for none, and takes nobody's word on them
    }
    nonce_ = nonce;
    for (const auto& vote : recovered) {
        recovered_.emplace(std::pair(vote.view, vote.kind), vote.digest);
    }
    first_view_ = std::max(safety_.floor(), safety_.resume_view());
    waits_ = context_.set().size() > 1 && context_.may_ever_vote();
    context_.starting = waits_ && !amnesia_.active();
    context_.voting = context_.voting && !waits_;
    ask_at_ = context_.now.mono_ms;
}

void ShownVotes::on_connected(ValidatorIndex peer) {
    if (nonce_ && context_.set().contains(peer) && !answered_.contains(peer)) {
        context_.send(peer, VotesRequest{.epoch = context_.set().epoch(), .nonce = *nonce_});
    }
}

void ShownVotes::on_request(ValidatorIndex from, const VotesRequest& request) {
    context_.served(from, 1, 0);
    if (request.epoch != context_.set().epoch()) {
        return;  // what I saw there is forgotten, or not seen yet: no answer counts as one
    }
    VotesAnswer answer{
        .epoch = request.epoch, .nonce = request.nonce, .votes = seen_.newest_of(from)};
    context_.served(from, answer.votes.size(), 0);
    context_.send(from, std::move(answer));
}

void ShownVotes::on_answer(ValidatorIndex from, const VotesAnswer& answer) {
    if (!nonce_ || answer.epoch != context_.set().epoch() || answer.nonce != *nonce_ ||
        answered_.contains(from)) {
        return;
    }
    std::optional<View> lost;
    for (const auto& vote : answer.votes) {
        const bool mine =
            vote.signer == context_.self() && vote.epoch == answer.epoch &&
            context_.check_signature(context_.self(),
                                     vote_bytes(context_.config.chain_id, context_.set(), vote.kind,
                                                vote.view, vote.digest),
                                     vote.signature);
        if (!mine) {
            context_.blame(from, "shows a vote of mine that I never signed");
            return;
        }
        if (lacks(vote)) {
            lost = std::max(lost.value_or(0), vote.view);
        }
    }
    answered_.insert(from);
    waits_ = waits_ && answered_.size() + 1 < context_.set().q();
#ifdef SIM_BUG_shown_votes_ignored
    lost.reset();
#endif
    // Two planted bugs that this second line of defence would hide.
#ifdef SIM_BUG_journal_not_replayed
    lost.reset();
#endif
#ifdef SIM_BUG_amnesia_rule_off
    lost.reset();
#endif
    if (lost && !amnesia_.active()) {
        ++context_.metrics.votes_shown_lost;
        context_.out.lost_vote = lost;
        amnesia_.discover(*lost, *nonce_);
    }
    context_.starting = waits_ && !amnesia_.active();
}

bool ShownVotes::lacks(const Vote& vote) const {
    if (vote.view < first_view_ || vote.view < safety_.resume_view()) {
        return false;  // pruned behind what is durable, or known to be lost and done with
    }
    if (const auto found = recovered_.find({vote.view, vote.kind}); found != recovered_.end()) {
        return found->second != vote.digest;
    }
    if (const auto* known = safety_.vote(vote.kind, vote.view)) {
        return known->digest != vote.digest;
    }
    // Below the floor the votes of this run are forgotten; without any, nothing is.
    return !context_.voting || vote.view >= safety_.floor();
}

void ShownVotes::ask() {
    if (!waits_ || context_.ended || context_.now.mono_ms < ask_at_) {
        return;
    }
    ask_at_ = context_.now.mono_ms + ask_again_ms;
    for (std::size_t i = 0; i < context_.set().size(); ++i) {
        on_connected(static_cast<ValidatorIndex>(i));
    }
}

std::optional<std::int64_t> ShownVotes::deadline() const {
    return waits_ && !context_.ended ? std::optional(ask_at_) : std::nullopt;
}

}  // namespace remit::consensus
