#pragma once

#include <deque>
#include <optional>
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

    void add(const Block& block, const std::optional<Certificate>& finalization);
    /// Hands over what is complete; asks for missing batches of the next few.
    void drain();
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

private:
    struct Waiting {
        Block block;
        std::optional<Certificate> finalization;
    };
    [[nodiscard]] std::optional<Commit> complete_front();

    Context& context_;
    Batches& batches_;
    std::deque<Waiting> queue_;
};

}  // namespace remit::consensus
