#include "node/replica/block_overlay.h"

namespace remit::node {

std::optional<consensus::StoredBlock> BlockOverlay::block(consensus::Height height) const {
    const auto found = commits_.find(height);
    if (found == commits_.end()) {
        // Those up to the base are let go: what still lies there of them is not whole.
        const auto base = or_die(store_.base());
        return base && height <= base->height ? std::nullopt
                                              : or_die(store_.block(height, quorum_));
    }
    consensus::StoredBlock out;
    out.header = found->second->header;
    if (found->second->descendants.empty()) {
        out.finalization = found->second->finalization;
    }
    const auto certificate = or_die(store_.execution(height));
    if (certificate && certificate->signers.signatures.size() >= quorum_) {
        out.execution = certificate;
    }
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
    auto stored = or_die(store_.block(*height, quorum_));
    return stored ? std::optional(std::move(stored->header)) : std::nullopt;
}

consensus::BatchHandle BlockOverlay::batch(const Hash& digest) const {
    const auto found = batches_.find(digest);
    return found != batches_.end() ? found->second : or_die(store_.batch(digest));
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
