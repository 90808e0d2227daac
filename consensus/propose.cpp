#include <algorithm>
#include <utility>

#include "consensus/simplex.h"

// Proposals: judging the leader's, making my own.

namespace remit::consensus {

namespace {
constexpr View certificates_asked = 20;  // views below the missing one: one answer's worth
}  // namespace

bool Simplex::may_vote_in_view() const {
    return context_.may_vote() && safety_.vote(VoteKind::notarize, view_) == nullptr &&
           safety_.vote(VoteKind::nullify, view_) == nullptr;
}

bool Simplex::consider_proposal() {
    time_wait_wall_ms_.reset();
    const auto found = views_.find(view_);
    if (found == views_.end() || !found->second.proposal || found->second.invalid ||
        !may_vote_in_view()) {
        return false;
    }
    const auto header = found->second.proposal->header;
    const auto judgement = check_.judge(header);
    if (judgement.verdict == ProposalCheck::Verdict::wait) {
        time_wait_wall_ms_ = judgement.until_wall_ms;
        return false;
    }
    if (judgement.verdict == ProposalCheck::Verdict::invalid) {
        found->second.invalid = true;
        return true;
    }
    auto vote = safety_.notarize(header, check_.proof(header), entry());
    if (!vote) {
        note(vote.error());
        return false;
    }
    emit(std::move(*vote), std::nullopt);
    return true;
}

/// The block for this view on top of the tip.
Header Simplex::make_header(bool strict) const {
    const auto& parent = tip_.block;
    Header header;
    header.version = context_.params().protocol_version;
    header.epoch = context_.set().epoch();
    header.view = view_;
    header.height = parent.header.height + 1;
    header.leader = context_.self();
    header.parent_view = parent.header.view;
    header.parent_digest = parent.digest;
    header.time_ms = std::max(context_.now.wall_ms, parent.header.time_ms + 1);
    header.params_hash = context_.params_hash;
    header.leader_schedule_hash = context_.schedule.hash();
    if (parent.header.is_epoch_last() || parent.header.is_closing()) {
        // It only carries votes.
        header.height = parent.header.height;
        header.time_ms = parent.header.time_ms;
        header.exec = parent.header.exec;
        header.flags = header_flag::closing;
        return header;
    }
    const auto* anchor = execution_.newest_on(parent, parent.header.exec.height);
    header.exec = anchor != nullptr ? anchor->result : parent.header.exec;
    header.flags = context_.flags_of(header.height, header.exec.height);
#ifndef SIM_BUG_lag_unchecked
    if (header.height - header.exec.height <= context_.params().lag_max)
#endif
    {
        header.batches = batches_.select(
            {.named = tip_.named,
             .height = header.height,
             .strict = strict,
             .first_author = static_cast<ValidatorIndex>(view_ % context_.set().size())});
    }
    return header;
}

bool Simplex::propose() {
    if (context_.schedule.leader(view_) != context_.self() || !working_ || !may_vote_in_view()) {
        return false;
    }
    if (!tip_.known) {
        const auto parent = tree_.parent_for(view_);
        if (parent.state == BlockTree::Parent::State::certificate_missing) {
            const auto from =
                parent.view > certificates_asked ? parent.view - certificates_asked : View{1};
            fetcher_.want(CertificatesRequest{from, parent.view},
                          {.first = context_.schedule.leader(parent.view)});
        } else if (const auto path = tree_.path_to(parent.digest);
                   path.state == BlockTree::Path::State::header_missing && !path.far) {
            fetcher_.want(HeadersRequest{path.missing, limits::answer_headers},
                          {.first = context_.schedule.leader(parent.view)});
        }
        return false;
    }
    batches_.seal_due(true);
    const bool strict = tree_.certificate(VoteKind::nullify, view_ - 1) != nullptr;
    const auto header = make_header(strict);
    auto vote = safety_.notarize(header, check_.proof(header), entry());
    if (!vote) {
        note(vote.error());
        return false;
    }
    Proposal proposal{.header = header,
                      .leader_signature = vote->vote.signature,
                      .justification = justification(header, strict),
                      .inline_batch = nullptr};
    const auto inlined = batches_.take_inline();
    if (inlined) {
        const auto digest = inlined->digest();
        const bool named = std::any_of(header.batches.begin(), header.batches.end(),
                                       [&](const auto& entry) { return entry.digest == digest; });
        if (named) {
            proposal.inline_batch = inlined;
        } else {
            context_.broadcast(inlined, Channel::bulk);
        }
    }
    auto& state = views_[view_];
    state.proposal = proposal;
    state.proposal_digest = vote->vote.digest;
    tree_.add_header(header);
    ++context_.metrics.blocks_proposed;
    emit(std::move(*vote), std::move(proposal));
    return true;
}

Justification Simplex::justification(const Header& header, bool strict) const {
    Justification out;
    auto proof = check_.proof(header);
    out.parent = std::move(proof.parent);
    // The newest skipped views; a voter that lacks older ones asks for them.
    const auto count = std::min(proof.nullifications.size(), limits::skipped_views);
    out.nullifications.assign(proof.nullifications.end() - static_cast<std::ptrdiff_t>(count),
                              proof.nullifications.end());
    for (const auto& entry : header.batches) {
        // Otherwise authors have sent them to all already. Who lacks the data of a large one votes
        // by this; and of those on probation it has perhaps come to me alone.
        const bool needed =
            strict || batches_.by_certificate(entry) || batches_.held(entry.digest) == nullptr;
        const auto* available = needed ? batches_.availability(entry) : nullptr;
        if (available != nullptr) {
            out.availability.push_back(*available);
        }
    }
    const auto* parent = tree_.find(header.parent_digest);
    const bool newer = parent == nullptr || header.exec != parent->header.exec;
    if (const auto* anchored = newer ? execution_.certificate(header.exec) : nullptr) {
        out.execution = *anchored;
    }
    return out;
}

}  // namespace remit::consensus
