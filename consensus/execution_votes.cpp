#include "consensus/execution_votes.h"

#include <algorithm>

namespace remit::consensus {

bool ExecutionVotes::inside(Height height) const {
    const auto margin = Height{2} * context_.params().lag_max;
    const auto finalised = tree_.floor().header.height;
    return height > 0 && height + margin > finalised && height <= finalised + margin;
}

void ExecutionVotes::executed(const ExecutionResult& result) {
    context_.metrics.executed_height = std::max(context_.metrics.executed_height, result.height);
    auto& at = heights_[result.height];
    if (at.mine) {
        return;
    }
    at.mine = result;
    if (!context_.halted) {  // needs no journal: execution gives the same again
        ExecutionVote vote{.epoch = context_.set().epoch(),
                           .result = result,
                           .signer = context_.self(),
                           .signature = context_.signer.sign(
                               execution_bytes(context_.config.chain_id, context_.set(), result))};
        context_.broadcast(vote);
        at.votes[context_.self()] = vote;
    }
    const auto& exec = tree_.floor().header.exec;
    if (exec.height == result.height) {
        compare(result, exec);
    }
    tally(result.height);
    prune();
}

void ExecutionVotes::on_vote(ValidatorIndex from, const ExecutionVote& vote) {
    const auto height = vote.result.height;
    if (vote.signer != from || vote.epoch != context_.set().epoch() || !inside(height)) {
        return;
    }
    auto& at = heights_[height];
    if (at.certificate) {
        // Anchored long ago, or said again: the voter does not know the certificate.
        if (height <= tree_.floor().header.exec.height || at.votes.contains(from) ||
            !at.late.insert(from).second) {
            context_.send(from, *at.certificate);
        }
        return;
    }
    if (at.votes.contains(from)) {
        return;
    }
    if (!context_.check_signature(
            from, execution_bytes(context_.config.chain_id, context_.set(), vote.result),
            vote.signature)) {
        context_.blame(from, "execution vote has a bad signature");
        return;
    }
    at.votes.emplace(from, vote);
    tally(height);
}

void ExecutionVotes::on_certificate(std::optional<ValidatorIndex> from,
                                    const ExecutionCertificate& certificate) {
    const auto height = certificate.result.height;
    const auto known = heights_.find(height);
    if ((known != heights_.end() && known->second.certificate) ||
        height > tree_.floor().header.height + Height{2} * context_.params().lag_max) {
        return;
    }
    if (!context_.check_certificate(certificate)) {
        if (from) {
            context_.blame(*from, "execution certificate is wrong");
        }
        return;
    }
    heights_[height].certificate = certificate;
    context_.out.execution_certificates.push_back(certificate);
    tally(height);
    prune();  // an old one is stored by the host, but not kept here
}

void ExecutionVotes::on_request(ValidatorIndex from, const ExecutionCertificateRequest& request) {
    context_.served(from, 1, 0);
    const auto found = heights_.find(request.height);
    if (found != heights_.end() && found->second.certificate) {
        context_.send(from, *found->second.certificate);
        return;
    }
    if (const auto stored = context_.source.block(request.height); stored && stored->execution) {
        context_.send(from, *stored->execution);
    }
}

void ExecutionVotes::tally(Height height) {
    auto& at = heights_[height];
    std::map<ExecutionResult, SignatureMap> by_result;
    for (const auto& [signer, vote] : at.votes) {
        by_result[vote.result].emplace(signer, vote.signature);
    }
    const auto& set = context_.set();
    for (const auto& [result, signatures] : by_result) {
        const auto certified = [&, &the_result = result,
                                &the_signatures = signatures](std::size_t count) {
            return ExecutionCertificate{
                .epoch = set.epoch(),
                .valset_hash = set.hash(),
                .result = the_result,
                .signers = Signers::from(the_signatures, count, set.size())};
        };
        if (!at.certificate && signatures.size() >= set.q()) {
            at.certificate = certified(set.q());
            context_.out.execution_certificates.push_back(*at.certificate);
        }
        if (at.mine == result && !at.proven && signatures.size() >= set.f() + 1) {
            at.proven = true;
            context_.out.execution_proofs.push_back(certified(set.f() + 1));
        }
        const auto own = at.mine ? by_result.find(*at.mine) : by_result.end();
        const auto own_votes = own == by_result.end() ? 0 : own->second.size();
        if (at.mine && signatures.size() >= set.f() + 1 && own_votes < set.f() + 1) {
            compare(*at.mine, result);
        }
    }
    if (at.mine && at.certificate) {
        compare(*at.mine, at.certificate->result);
        if (!at.proven && *at.mine == at.certificate->result) {
            at.proven = true;
            context_.out.execution_proofs.push_back(*at.certificate);
        }
    }
}

void ExecutionVotes::compare(const ExecutionResult& mine, const ExecutionResult& proven) {
    if (mine == proven || context_.halted) {
        return;
    }
    context_.halt();
    context_.out.divergence = Divergence{.mine = mine, .proven = proven};
}

void ExecutionVotes::finalised(const Header& header) {
    const auto found = heights_.find(header.exec.height);
    if (found != heights_.end() && found->second.mine) {
        compare(*found->second.mine, header.exec);
    }
    prune();
}

void ExecutionVotes::prune() {
    const auto margin = Height{2} * context_.params().lag_max;
    const auto lowest =
        std::min(tree_.floor().header.height,
                 std::max(context_.metrics.executed_height, tree_.floor().header.exec.height));
    while (!heights_.empty() && heights_.begin()->first + margin < lowest) {
        heights_.erase(heights_.begin());
    }
}

bool ExecutionVotes::anything_to_resend() const {
    return std::any_of(heights_.begin(), heights_.end(), [this](const auto& each) {
        return !each.second.certificate && each.second.votes.contains(context_.self());
    });
}

void ExecutionVotes::resend() {
    for (const auto& [height, at] : heights_) {
        const auto mine = at.votes.find(context_.self());
        if (!at.certificate && mine != at.votes.end()) {
            context_.broadcast(mine->second);
        }
    }
}

const ExecutionCertificate* ExecutionVotes::certificate(const ExecutionResult& result) const {
    const auto found = heights_.find(result.height);
    if (found == heights_.end() || !found->second.certificate ||
        found->second.certificate->result != result) {
        return nullptr;
    }
    return &*found->second.certificate;
}

const ExecutionCertificate* ExecutionVotes::newest_on(const Block& parent, Height above) const {
    for (auto each = heights_.rbegin(); each != heights_.rend() && each->first > above; ++each) {
        const auto& certificate = each->second.certificate;
        if (!certificate || each->first > parent.header.height) {
            continue;
        }
        const Block* at = &parent;  // walk down to the height, then compare
        while (at != nullptr && at->header.height > each->first &&
               at->header.height > tree_.floor().header.height) {
            at = tree_.find(at->header.parent_digest);
        }
        if (at == nullptr) {
            continue;
        }
        const auto digest = at->header.height == each->first ? std::optional(at->digest)
                                                             : tree_.finalised_digest(each->first);
        if (digest == certificate->result.block_digest) {
            return &*certificate;
        }
    }
    return nullptr;
}

}  // namespace remit::consensus
