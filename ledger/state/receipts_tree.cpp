#include "ledger/state/receipts_tree.h"

#include "ledger/base/check.h"

namespace remit::ledger {

ReceiptsTree::ReceiptsTree(const std::vector<Bytes>& receipts) : levels_(1) {
    for (const Bytes& receipt : receipts) {
        levels_.back().push_back(receipt_leaf_hash(receipt));
    }
    while (levels_.back().size() > 1) {
        const std::vector<Hash>& below = levels_.back();
        std::vector<Hash> level;
        for (std::size_t i = 0; i + 1 < below.size(); i += 2) {
            level.push_back(receipt_node_hash(below[i], below[i + 1]));
        }
        if (below.size() % 2 == 1) {
            level.push_back(below.back());
        }
        levels_.push_back(std::move(level));
    }
}

std::uint32_t ReceiptsTree::count() const {
    return static_cast<std::uint32_t>(levels_.front().size());
}

Hash ReceiptsTree::tree_root() const {
    return levels_.back().empty() ? empty_receipts_tree_root() : levels_.back().front();
}

Hash ReceiptsTree::receipts_root(const Hash& previous) const {
    return ledger::receipts_root(previous, count(), tree_root());
}

ReceiptProof ReceiptsTree::prove(std::uint32_t index, const Hash& previous) const {
    CHECK(index < count());
    ReceiptProof proof{.index = index, .count = count(), .previous_root = previous, .siblings = {}};
    std::size_t place = index;
    for (const std::vector<Hash>& level : levels_) {
        const std::size_t partner = place ^ 1U;
        if (partner < level.size()) {
            proof.siblings.push_back(level[partner]);
        }
        place /= 2;
    }
    return proof;
}

}  // namespace remit::ledger
