#include "consensus/execution_votes.h"

#include <algorithm>

#include "ledger/base/check.h"

namespace remit::consensus {

namespace {

/// Blocks of one height that one validator may vote for before one of them is finalised. Beyond
/// that its votes wait: it says the one for the finalised block again.
constexpr std::size_t blocks_per_signer_max = 4;

}  // namespace

bool ExecutionVotes::inside(Height height) const {
    const auto margin = Height{2} * context_.params().lag_max;
    const auto finalised = tree_.floor().header.height;
    return height > context_.certified_before() && height + margin > finalised &&
           height <= finalised + margin;
}

bool ExecutionVotes::admits(const ExecutionResult& result, ValidatorIndex signer) const {
    if (const auto final = tree_.finalised_digest(result.height)) {
        return *final == result.block_digest;
    }
    const auto at = heights_.find(result.height);
    const auto voted_for = [signer](const auto& block) {
        return block.second.votes.contains(signer);
    };
    return at == heights_.end() || std::count_if(at->second.begin(), at->second.end(), voted_for) <
                                       static_cast<std::ptrdiff_t>(blocks_per_signer_max);
}

const ExecutionVotes::AtBlock* ExecutionVotes::find(Height height, const Hash& digest) const {
    const auto at = heights_.find(height);
    if (at == heights_.end()) {
        return nullptr;
    }
    const auto found = at->second.find(digest);
    return found == at->second.end() ? nullptr : &found->second;
}

void ExecutionVotes::vote(AtBlock& at, const ExecutionResult& result) {
    at.mine = result;
    sign_mine(at);
}

void ExecutionVotes::sign_mine(AtBlock& at) {
    if (context_.halted || !at.mine || !context_.member()) {
        return;
    }
    // Needs no journal: execution gives the same again.
    const auto signature =
        context_.sign(execution_bytes(context_.config.chain_id, context_.set(), *at.mine));
    if (!signature) {
        return;  // `resend` asks again
    }
    const ExecutionVote vote{.epoch = context_.set().epoch(),
                             .result = *at.mine,
                             .signer = context_.self(),
                             .signature = *signature};
    context_.broadcast(vote);
    at.votes[context_.self()] = vote;
}

void ExecutionVotes::speculated(const ExecutionResult& result) {
    if (result.height <= context_.root_height()) {
        return;  // of the epoch before: its execution tells
    }
    if (const auto final = tree_.finalised_digest(result.height);
        final && *final != result.block_digest) {
        return;  // another block was finalised meanwhile
    }
    auto& at = heights_[result.height][result.block_digest];
    if (!at.mine) {
        vote(at, result);
        tally(at);
    }
}

void ExecutionVotes::executed(const ExecutionResult& result) {
    context_.metrics.executed_height = std::max(context_.metrics.executed_height, result.height);
    if (result.height <= context_.certified_before()) {
        if (result.height == context_.certified_before()) {
            compare(result, context_.config.root.header.exec);
        }
        return;  // the set of an epoch before has answered for it
    }
    keep_only(result.height, result.block_digest);
    auto& at = heights_[result.height][result.block_digest];
    if (at.executed) {
        return;
    }
    at.executed = true;
    CHECK(!at.mine || *at.mine == result);
    if (!at.mine) {
        vote(at, result);
    }
    const auto& exec = tree_.floor().header.exec;
    if (exec.height == result.height) {
        compare(result, exec);
    }
    tally(at);
    publish(result.height, result.block_digest, at);
    prune();
}

void ExecutionVotes::on_vote(ValidatorIndex from, const ExecutionVote& vote) {
    const auto height = vote.result.height;
    if (vote.signer != from || vote.epoch != context_.set().epoch() || !inside(height)) {
        return;
    }
    const auto* known = find(height, vote.result.block_digest);
    if (known != nullptr && known->certificate) {
        // Anchored long ago, or said again: the voter does not know the certificate.
        auto& at = heights_[height][vote.result.block_digest];
        if (height <= tree_.floor().header.exec.height || at.votes.contains(from) ||
            !at.late.insert(from).second) {
            context_.send(from, *at.certificate);
        }
        return;
    }
    if ((known != nullptr && known->votes.contains(from)) || !admits(vote.result, from)) {
        return;
    }
    if (!context_.check_signature(
            from, execution_bytes(context_.config.chain_id, context_.set(), vote.result),
            vote.signature)) {
        context_.blame(from, "execution vote has a bad signature");
        return;
    }
    auto& at = heights_[height][vote.result.block_digest];
    at.votes.emplace(from, vote);
    tally(at);
    publish(height, vote.result.block_digest, at);
}

void ExecutionVotes::on_certificate(std::optional<ValidatorIndex> from,
                                    const ExecutionCertificate& certificate) {
    const auto& result = certificate.result;
    const auto final = tree_.finalised_digest(result.height);
    if (certificate.epoch != context_.set().epoch() ||
        result.height <= context_.certified_before() || (final && *final != result.block_digest) ||
        result.height > tree_.floor().header.height + Height{2} * context_.params().lag_max ||
        !lacks_certificate(result)) {
        return;
    }
    if (!context_.check_certificate(certificate)) {
        if (from) {
            context_.blame(*from, "execution certificate is wrong");
        }
        return;
    }
    auto& at = heights_[result.height][result.block_digest];
    at.certificate = certificate;
    tally(at);
    publish(result.height, result.block_digest, at);
    prune();  // an old one is stored by the host, but not kept here
}

void ExecutionVotes::on_request(ValidatorIndex from, const ExecutionCertificateRequest& request) {
    context_.served(from, 1, 0);
    bool answered = false;
    if (const auto found = heights_.find(request.height); found != heights_.end()) {
        for (const auto& [digest, at] : found->second) {
            if (at.certificate) {
                context_.send(from, *at.certificate);
                answered = true;
            }
        }
    }
    if (answered) {
        return;
    }
    if (const auto stored = context_.source.block(request.height); stored && stored->execution) {
        context_.send(from, *stored->execution);
    }
}

void ExecutionVotes::tally(AtBlock& at) {
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
        }
        if (at.executed && at.mine == result && !at.proven && signatures.size() >= set.f() + 1) {
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
        if (at.executed && !at.proven && *at.mine == at.certificate->result) {
            at.proven = true;
            context_.out.execution_proofs.push_back(*at.certificate);
        }
    }
}

/// The host files certificates by height: only the finalised block's may reach it.
void ExecutionVotes::publish(Height height, const Hash& digest, AtBlock& at) {
    if (at.certificate && !at.published &&
        (at.executed || tree_.finalised_digest(height) == digest)) {
        at.published = true;
        context_.out.execution_certificates.push_back(*at.certificate);
    }
}

void ExecutionVotes::keep_only(Height height, const Hash& digest) {
    if (const auto at = heights_.find(height); at != heights_.end()) {
        std::erase_if(at->second, [&](const auto& block) { return block.first != digest; });
    }
}

void ExecutionVotes::compare(const ExecutionResult& mine, const ExecutionResult& proven) {
    if (mine == proven || context_.halted) {
        return;
    }
    context_.halt();
    context_.out.divergence = Divergence{.mine = mine, .proven = proven};
}

void ExecutionVotes::finalised(const std::vector<Block>& blocks) {
    for (const auto& block : blocks) {
        const auto height = block.header.height;
        keep_only(height, block.digest);
        if (find(height, block.digest) != nullptr) {
            publish(height, block.digest, heights_[height][block.digest]);
        }
    }
    const auto& exec = blocks.back().header.exec;
    if (const auto* at = find(exec.height, exec.block_digest); at != nullptr && at->mine) {
        compare(*at->mine, exec);
    }
    prune();
}

Height ExecutionVotes::kept_from() const {
    const auto margin = Height{2} * context_.params().lag_max;
    const auto lowest =
        std::min(tree_.floor().header.height,
                 std::max(context_.metrics.executed_height, tree_.floor().header.exec.height));
    return lowest > margin ? lowest - margin : 0;
}

bool ExecutionVotes::lacks_certificate(const ExecutionResult& result) const {
    if (const auto* known = find(result.height, result.block_digest)) {
        return !known->certificate;
    }
    if (result.height >= kept_from()) {
        return true;
    }
    // Only of a block whose digest is remembered would it reach the host (`publish`).
    if (!tree_.finalised_digest(result.height)) {
        return false;
    }
    const auto stored = context_.source.block(result.height);
    return stored && !stored->execution;
}

void ExecutionVotes::prune() {
    const auto lowest = kept_from();
    while (!heights_.empty() && heights_.begin()->first < lowest) {
        heights_.erase(heights_.begin());
    }
}

bool ExecutionVotes::anything_to_resend() const {
    return std::any_of(heights_.begin(), heights_.end(), [this](const auto& height) {
        return std::any_of(height.second.begin(), height.second.end(), [this](const auto& block) {
            return context_.member() && !block.second.certificate && block.second.mine;
        });
    });
}

void ExecutionVotes::resend() {
    for (auto& [height, blocks] : heights_) {
        for (auto& [digest, at] : blocks) {
            if (at.certificate || !at.mine) {
                continue;
            }
            if (const auto mine = at.votes.find(context_.self()); mine != at.votes.end()) {
                context_.broadcast(mine->second);
                continue;
            }
            sign_mine(at);
            tally(at);
            publish(height, digest, at);
        }
    }
}

const ExecutionCertificate* ExecutionVotes::certificate(const ExecutionResult& result) const {
    const auto* at = find(result.height, result.block_digest);
    return at != nullptr && at->certificate && at->certificate->result == result ? &*at->certificate
                                                                                 : nullptr;
}

const ExecutionCertificate* ExecutionVotes::newest_on(const Block& parent, Height above) const {
    for (auto each = heights_.rbegin(); each != heights_.rend() && each->first > above; ++each) {
        const bool certified =
            std::any_of(each->second.begin(), each->second.end(),
                        [](const auto& block) { return block.second.certificate.has_value(); });
        if (!certified || each->first > parent.header.height ||
            each->first < context_.root_height()) {
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
        const auto* block = digest ? find(each->first, *digest) : nullptr;
        if (block != nullptr && block->certificate) {
            return &*block->certificate;
        }
    }
    return nullptr;
}

}  // namespace remit::consensus
