#include "consensus/commits.h"

#include <algorithm>
#include <utility>

#include "ledger/base/check.h"

namespace remit::consensus {

namespace {
// Blocks given to the executor and not yet reported executed. Bounds the memory of its queue.
constexpr Height in_execution_max = 64;
constexpr std::size_t fetched_ahead = 16;
constexpr std::size_t fetched_ahead_max = 64;
constexpr std::size_t fetched_bytes = std::size_t{256} * 1024;
constexpr std::size_t waiting_max = 256;
}  // namespace

void Commits::add(const Block& block, const std::optional<Certificate>& finalization,
                  const std::vector<Header>& closing) {
    if (block.header.height <= context_.metrics.committed_height) {
        return;
    }
    queue_.push_back({.block = block, .finalization = finalization, .closing = closing});
}

void Commits::adopt(Commits&& before) {
    queue_ = std::move(before.queue_);
    for (auto& waiting : queue_) {
        waiting.sought = false;  // by the batches of another epoch
    }
}

/// Once for each block: it costs a search of the database for every batch, and what is lacking then
/// comes from a peer.
void Commits::seek(Waiting& waiting) {
    if (waiting.sought) {
        return;
    }
    waiting.sought = true;
    waiting.batches.clear();
    std::vector<Entry> lacking;
    for (const auto& entry : waiting.block.header.batches) {
        waiting.batches.push_back(batches_.find(entry.digest));
        if (!waiting.batches.back()) {
            lacking_[entry.digest] = {.waiting = &waiting, .entry = waiting.batches.size() - 1};
            lacking.push_back(entry);
        }
    }
    waiting.lacking = lacking.size();
    waiting.requests = batches_.await(lacking);
    for (std::size_t i = 0; i < waiting.requests.size(); ++i) {
        for (const auto& entry : waiting.requests[i].entries) {
            lacking_[entry.digest].request = i;
        }
    }
}

void Commits::take_arrived() {
    for (auto& batch : batches_.take_arrived()) {
        const auto found = lacking_.find(batch->digest());
        if (found == lacking_.end()) {
            continue;
        }
        const auto& [waiting, entry, request] = found->second;
        waiting->batches[entry] = std::move(batch);
        --waiting->lacking;
        --waiting->requests[request].lacking;
        lacking_.erase(found);
    }
}

std::optional<Commit> Commits::complete_front() {
    auto& front = queue_.front();
    seek(front);
    if (front.lacking > 0) {
        return std::nullopt;
    }
    Commit commit{.header = front.block.header,
                  .digest = front.block.digest,
                  .batches = front.batches,
                  .finalization = {},
                  .descendants = {}};
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
    take_arrived();
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
    fetch_ahead();
}

/// More than a few blocks only while little is lacking of them: a node far behind shall not wait
/// for a round trip every few small blocks.
void Commits::fetch_ahead() {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < queue_.size() && i < fetched_ahead_max; ++i) {
        if (i >= fetched_ahead && bytes >= fetched_bytes) {
            return;
        }
        auto& waiting = queue_[i];
        seek(waiting);
        for (const auto& request : waiting.requests) {
            if (request.lacking > 0) {
                // In a later epoch the leader's index is another's: anybody may have it.
                batches_.want(request, {.first = waiting.block.header.leader});
                bytes += request.bytes;
            }
        }
    }
}

}  // namespace remit::consensus
