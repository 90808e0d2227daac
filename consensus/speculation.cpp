#include "consensus/speculation.h"

#include <utility>

namespace remit::consensus {

bool Speculation::stands(const Header& header) const {
    const auto& floor = tree_.floor();
    return header.parent_digest == floor.digest ? header.height == floor.header.height + 1
                                                : handed_.contains(header.parent_digest);
}

void Speculation::drain() {
    const auto height = tree_.floor().header.height;
    std::erase_if(handed_, [height](const auto& each) { return each.second <= height; });
    // While execution is behind, what is finalised goes first.
    if (context_.halted || context_.ended || !context_.supported() ||
        context_.metrics.committed_height != height ||
        height > context_.metrics.executed_height + depth_max) {
        return;
    }
    for (const auto* certificate : tree_.above_floor(VoteKind::notarize)) {
        const auto* block = tree_.find(certificate->digest);
        if (block == nullptr || block->header.is_closing() || handed_.contains(block->digest) ||
            !stands(block->header) || block->header.height > height + depth_max) {
            continue;
        }
        NotarizedBlock out{.header = block->header, .digest = block->digest, .batches = {}};
        for (const auto& entry : block->header.batches) {
            if (auto batch = batches_.find(entry.digest)) {
                out.batches.push_back(std::move(batch));
            }
        }
        if (out.batches.size() == block->header.batches.size()) {
            handed_.emplace(block->digest, block->header.height);
            context_.out.notarized.push_back(std::move(out));
        }
    }
}

}  // namespace remit::consensus
