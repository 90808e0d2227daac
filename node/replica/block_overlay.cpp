#include "node/replica/block_overlay.h"

namespace remit::node {

void BlockOverlay::drop_mere_proof(consensus::StoredBlock& block) const {
    if (!block.execution) {
        return;
    }
    const auto quorum = epochs_.quorum(block.execution->epoch);
    if (!quorum || block.execution->signers.signatures.size() < *quorum) {
        block.execution.reset();
    }
}

std::optional<consensus::StoredBlock> BlockOverlay::block(consensus::Height height) const {
    const auto found = commits_.find(height);
    if (found == commits_.end()) {
        // Those up to the base are let go: what still lies there of them is not whole.
        const auto base = or_die(store_.base());
        if (base && height <= base->height) {
            return std::nullopt;
        }
        auto stored = or_die(store_.block(height, 1));
        if (stored) {
            drop_mere_proof(*stored);
        }
        return stored;
    }
    consensus::StoredBlock out;
    out.header = found->second->header;
    if (found->second->descendants.empty()) {
        out.finalization = found->second->finalization;
    }
    out.execution = or_die(store_.execution(height));
    drop_mere_proof(out);
    return out;
}

std::optional<consensus::Header> BlockOverlay::header(const Hash& digest) const {
    if (const auto found = heights_.find(digest); found != heights_.end()) {
        return commits_.at(found->second)->header;
    }
    const auto height = or_die(store_.height_of(digest));
    if (!height) {
        return std::nullopt;
    }
    auto stored = or_die(store_.block(*height, 1));
    return stored ? std::optional(std::move(stored->header)) : std::nullopt;
}

consensus::BatchHandle BlockOverlay::batch(const Hash& digest) const {
    const auto found = batches_.find(digest);
    return found != batches_.end() ? found->second : or_die(store_.batch(digest));
}

std::optional<consensus::HandOver> BlockOverlay::hand_over(consensus::Epoch epoch) const {
    return or_die(store_.hand_over(epoch));
}

std::optional<consensus::EpochDescription> BlockOverlay::description(const Hash& hash) const {
    return or_die(store_.description(hash));
}

void BlockOverlay::add(const std::shared_ptr<const consensus::Commit>& commit) {
    commits_[commit->header.height] = commit;
    heights_[commit->digest] = commit->header.height;
}

void BlockOverlay::executed(consensus::Height height) {
    const auto found = commits_.find(height);
    if (found == commits_.end()) {
        return;
    }
    for (const auto& entry : found->second->header.batches) {
        batches_.erase(entry.digest);
    }
    heights_.erase(found->second->digest);
    commits_.erase(found);
}

}  // namespace remit::node
