#pragma once

#include <memory>

#include "ledger/state/delta.h"
#include "ledger/state/proof.h"
#include "ledger/state/view.h"

namespace remit::ledger {

/// The authenticated state: a binary Merkle trie over the hashes of all record keys, without
/// one-child nodes, so its root is a function of the records alone and not of their history.
/// A tree never changes: `updated` gives a new one that shares what stayed the same, and trees of
/// several heights may be held, read and dropped by several threads at once.
///
/// Cost of a block: a few hashes for each record written plus one for each inner node above them.
/// Memory: about 250 bytes a record; rebuilt from the records at start.
class MerkleTree {
public:
    MerkleTree() = default;

    /// The tree of every record of `view`.
    static MerkleTree build(const StateView& view);

    /// The tree after a block's writes.
    [[nodiscard]] MerkleTree updated(const Delta::WriteSet& writes) const;

    [[nodiscard]] Hash root() const;

    /// Proof that `key` has its record, or has none: check it with `verify_state`.
    [[nodiscard]] StateProof prove(ByteView key) const;

    struct Node;

private:
    using NodePointer = std::shared_ptr<const Node>;
    explicit MerkleTree(NodePointer root) : root_(std::move(root)) {}
    NodePointer root_;
};

}  // namespace remit::ledger
