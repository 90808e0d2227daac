#pragma once

#include <map>

#include "consensus/batches.h"
#include "consensus/block_tree.h"
#include "consensus/context.h"

namespace remit::consensus {

/// Notarized blocks handed to execution ahead of their Finalization (consensus.md 3.7): the hop in
/// which Finalize votes travel is the hop in which execution votes travel. Each block once, never
/// before its parent, at most `depth_max` above the floor.
class Speculation {
public:
    Speculation(Context& context, const BlockTree& tree, const Batches& batches)
        : context_(context), tree_(tree), batches_(batches) {}

    /// Hands over what is notarized, complete and stands on what was handed over. End of every
    /// step.
    void drain();

    static constexpr Height depth_max = 16;

private:
    [[nodiscard]] bool stands(const Header& header) const;

    Context& context_;
    const BlockTree& tree_;
    const Batches& batches_;
    std::map<Hash, Height> handed_;  // above the floor
};

}  // namespace remit::consensus
