#pragma once

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "consensus/batches.h"
#include "consensus/block_tree.h"
#include "consensus/context.h"

namespace remit::consensus {

/// Finalised blocks on their way to execution: each waits for its batches and for the executor to
/// keep pace, and leaves in height order with the Finalization that covers it.
class Commits {
public:
    Commits(Context& context, Batches& batches) : context_(context), batches_(batches) {}

    /// `closing`: the headers above it up to the one that `finalization` names, if not its own.
    void add(const Block& block, const std::optional<Certificate>& finalization,
             const std::vector<Header>& closing);
    /// What waits of the epoch before goes first.
    void adopt(Commits&& before);
    /// Hands over what is complete; asks for missing batches of the next few.
    void drain();
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
    /// So much waits that no more is to be gathered: this node's execution is behind that of a
    /// quorum, which N7 alone holds back.
    [[nodiscard]] bool crowded() const;
    /// Of the first block that waits; none waits: none.
    [[nodiscard]] std::optional<Epoch> oldest_epoch() const {
        return queue_.empty() ? std::nullopt : std::optional(queue_.front().block.header.epoch);
    }

private:
    struct Waiting {
        Block block;
        std::optional<Certificate> finalization;
        std::vector<Header> closing;
        bool sought = false;                    ///< looked for in memory and in the store
        std::vector<BatchHandle> batches = {};  ///< as named; null: lacking
        std::size_t lacking = 0;
        std::vector<Batches::Request> requests = {};  ///< for those
    };
    /// Where a lacking batch belongs.
    struct Place {
        Waiting* waiting = nullptr;
        std::size_t entry = 0;
        std::size_t request = 0;
    };
    void seek(Waiting& waiting);
    void take_arrived();
    void fetch_ahead();
    [[nodiscard]] std::optional<Commit> complete_front();

    Context& context_;
    Batches& batches_;
    std::deque<Waiting> queue_;
    std::map<Hash, Place> lacking_;
};

}  // namespace remit::consensus
