#pragma once

#include <vector>

#include "ledger/state/proof.h"

namespace remit::ledger {

/// The Merkle tree over the receipts of one block, in order (shape of RFC 6962: a node without a
/// partner moves up as it is). The block's receipts root chains it to the block before.
class ReceiptsTree {
public:
    /// `receipts`: canonical bytes of each receipt of the block, in order.
    explicit ReceiptsTree(const std::vector<Bytes>& receipts);

    [[nodiscard]] std::uint32_t count() const;
    [[nodiscard]] Hash tree_root() const;
    [[nodiscard]] Hash receipts_root(const Hash& previous) const;

    /// Proof for the receipt at `index` (less than count): check with `receipts_root_of`.
    [[nodiscard]] ReceiptProof prove(std::uint32_t index, const Hash& previous) const;

private:
    std::vector<std::vector<Hash>> levels_;  // leaves first, root last
};

}  // namespace remit::ledger
