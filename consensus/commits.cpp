#include "consensus/commits.h"

#include <algorithm>
#include <utility>

#include "ledger/base/check.h"

namespace remit::consensus {

namespace {
// Blocks given to the executor and not yet reported executed. Bounds the memory of its queue.
constexpr Height in_execution_max = 64;
constexpr std::size_t fetched_ahead = 16;
constexpr std::size_t waiting_max = 256;
}  // namespace

void Commits::add(const Block& block, const std::optional<Certificate>& finalization,
                  const std::vector<Header>& closing) {
    if (block.header.height <= context_.metrics.committed_height) {
        return;
    }
    queue_.push_back({block, finalization, closing});
}

std::optional<Commit> Commits::complete_front() {
    const auto& front = queue_.front();
    Commit commit{.header = front.block.header,
                  .digest = front.block.digest,
                  .batches = {},
                  .finalization = {},
                  .descendants = {}};
    for (const auto& entry : front.block.header.batches) {
        auto batch = batches_.find(entry.digest);
        if (!batch) {
            return std::nullopt;
        }
        commit.batches.push_back(std::move(batch));
    }
    for (std::size_t i = 0; i < queue_.size(); ++i) {
        if (i > 0) {
            commit.descendants.push_back(queue_[i].block.header);
        }
        if (queue_[i].finalization) {
            commit.finalization = *queue_[i].finalization;
            commit.descendants.insert(commit.descendants.end(), queue_[i].closing.begin(),
                                      queue_[i].closing.end());
            return commit;
        }
    }
    return std::nullopt;
}

/// Above both bounds a quorum has executed what this node has not even begun (N7), so the chain
/// does not wait for it.
bool Commits::crowded() const {
#ifdef SIM_BUG_crowded_ignored
    return false;
#endif
    const auto lag = std::size_t{context_.params().lag_max};
    return queue_.size() >= std::max(waiting_max, 2 * lag) ||
           batches_.named_bytes() >= lag * context_.params().block_bytes_max;
}

void Commits::drain() {
    while (!queue_.empty() && queue_.front().block.header.height <=
                                  context_.metrics.executed_height + in_execution_max) {
        auto commit = complete_front();
        if (!commit) {
            break;
        }
        const auto& header = queue_.front().block.header;
        if (header.version > context_.config.version_max) {
            break;  // this program does not know how to execute it
        }
        CHECK(header.height == context_.metrics.committed_height + 1);
        context_.metrics.committed_height = header.height;
        batches_.committed(header);
        context_.out.commits.push_back(std::move(*commit));
        queue_.pop_front();
    }
    for (std::size_t i = 0; i < queue_.size() && i < fetched_ahead; ++i) {
        for (const auto& entry : queue_[i].block.header.batches) {
            if (!batches_.find(entry.digest)) {
                // In a later epoch the leader's index is another's: anybody may have it.
                batches_.want(entry, {.first = queue_[i].block.header.leader});
            }
        }
    }
}

}  // namespace remit::consensus
