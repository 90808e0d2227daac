#include "ledger/state/merkle_tree.h"

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "ledger/base/check.h"

namespace remit::ledger {

/// A leaf or an inner node, told apart by `bit`. There are two of them for every record of the
/// state, in memory all the time: neither carries what only the other one needs.
struct MerkleTree::Node {
    static constexpr std::uint16_t leaf_bit = 256;

    Hash path;    // of the leaf, or of any leaf below: its first `bit` bits are the prefix
    Hash digest;  // what the parent hashes
    std::uint16_t bit = leaf_bit;
};

namespace {
using Node = MerkleTree::Node;
using NodePointer = std::shared_ptr<const Node>;

struct Leaf : Node {
    Hash value_digest;  // of its record
};

/// Two children that agree on all bits before `bit` and differ in it.
struct Inner : Node {
    NodePointer left;
    NodePointer right;
};

const Leaf& as_leaf(const Node& node) {
    CHECK(node.bit == Node::leaf_bit);
    return static_cast<const Leaf&>(node);
}
const Inner& as_inner(const Node& node) {
    CHECK(node.bit < Node::leaf_bit);
    return static_cast<const Inner&>(node);
}

struct Change {
    Hash path;
    std::optional<Hash> value_digest;  // empty: erased
};
using Changes = std::span<const Change>;

bool bit_of(const Hash& path, std::uint16_t bit) {
    return ((path.data.at(bit / 8U) >> (7U - bit % 8U)) & 1U) != 0;
}

/// How many leading bits are the same: 0..256.
std::uint16_t common_bits(const Hash& a, const Hash& b) {
    for (std::size_t i = 0; i < Hash::size; ++i) {
        const auto difference = static_cast<std::uint8_t>(a.data.at(i) ^ b.data.at(i));
        if (difference != 0) {
            return static_cast<std::uint16_t>(i * 8U +
                                              static_cast<unsigned>(std::countl_zero(difference)));
        }
    }
    return Node::leaf_bit;
}

NodePointer leaf(const Change& change) {
    auto node = std::make_shared<Leaf>();
    node->path = change.path;
    node->value_digest = *change.value_digest;
    node->digest = state_leaf_hash(node->path, node->value_digest);
    return node;
}

NodePointer join(std::uint16_t bit, NodePointer left, NodePointer right) {
    if (!left || !right) {
        return left ? left : right;
    }
    auto node = std::make_shared<Inner>();
    node->path = left->path;
    node->bit = bit;
    node->digest = state_node_hash(static_cast<std::uint8_t>(bit), left->digest, right->digest);
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
}

/// Splits sorted changes that agree before `bit` into those with 0 there and those with 1.
std::pair<Changes, Changes> split(Changes changes, std::uint16_t bit) {
    const auto middle =
        std::partition_point(changes.begin(), changes.end(),
                             [bit](const Change& change) { return !bit_of(change.path, bit); });
    const auto left = static_cast<std::size_t>(middle - changes.begin());
    return {changes.first(left), changes.subspan(left)};
}

NodePointer update(const NodePointer& node, Changes changes);

/// The tree of the changes alone: where none was before.
NodePointer plant(Changes changes) {
    if (changes.empty()) {
        return nullptr;
    }
    if (changes.size() == 1) {
        return changes.front().value_digest ? leaf(changes.front()) : nullptr;
    }
    const auto bit = common_bits(changes.front().path, changes.back().path);
    CHECK(bit < Node::leaf_bit);
    const auto [left, right] = split(changes, bit);
    return join(bit, plant(left), plant(right));
}

NodePointer update(const NodePointer& node, Changes changes) {
    if (changes.empty()) {
        return node;
    }
    if (!node) {
        return plant(changes);
    }
    // Sorted: the first and the last change are the ones that can leave the node's prefix first.
    const auto agreed = std::min(common_bits(node->path, changes.front().path),
                                 common_bits(node->path, changes.back().path));
    const auto bit = std::min(agreed, node->bit);
    if (bit == Node::leaf_bit) {
        CHECK(changes.size() == 1);
        const Change& change = changes.front();
        if (change.value_digest == as_leaf(*node).value_digest) {
            return node;
        }
        return change.value_digest ? leaf(change) : nullptr;
    }
    const auto [left, right] = split(changes, bit);
    if (bit < node->bit) {  // a change leaves the prefix: the node becomes one side
        return bit_of(node->path, bit) ? join(bit, plant(left), update(node, right))
                                       : join(bit, update(node, left), plant(right));
    }
    const auto& before = as_inner(*node);
    auto new_left = update(before.left, left);
    auto new_right = update(before.right, right);
    if (new_left == before.left && new_right == before.right) {
        return node;
    }
    return join(bit, std::move(new_left), std::move(new_right));
}

NodePointer changed(const NodePointer& root, std::vector<Change>& changes) {
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return update(root, changes);
}
}  // namespace

MerkleTree MerkleTree::build(const StateView& view) {
    constexpr std::size_t chunk = 65536;  // bounds the memory besides the tree itself
    MerkleTree tree;
    std::vector<Change> changes;
    scan(view, ByteView(), [&](ByteView key, ByteView value) {
        changes.push_back({state_path(key), state_value_digest(value)});
        if (changes.size() == chunk) {
            tree = MerkleTree(changed(tree.root_, changes));
            changes.clear();
        }
        return true;
    });
    return MerkleTree(changed(tree.root_, changes));
}

MerkleTree MerkleTree::updated(const Delta::WriteSet& writes) const {
    std::vector<Change> changes;
    changes.reserve(writes.size());
    for (const auto& [key, value] : writes) {
        changes.push_back({state_path(key), std::nullopt});
        if (value) {
            changes.back().value_digest = state_value_digest(*value);
        }
    }
    return MerkleTree(changed(root_, changes));
}

Hash MerkleTree::root() const {
    return root_ ? root_->digest : empty_state_root();
}

StateProof MerkleTree::prove(ByteView key) const {
    StateProof proof;
    if (!root_) {
        return proof;
    }
    const Hash path = state_path(key);
    const Node* node = root_.get();
    while (node->bit != Node::leaf_bit) {
        const bool right = bit_of(path, node->bit);
        const auto& inner = as_inner(*node);
        const Node* other = right ? inner.left.get() : inner.right.get();
        proof.steps.push_back({static_cast<std::uint8_t>(node->bit), other->digest});
        node = right ? inner.right.get() : inner.left.get();
    }
    if (node->path == path) {
        proof.end = StateProof::End::this_key;
    } else {
        proof.end = StateProof::End::other_key;
        proof.other_path = node->path;
        proof.other_value_digest = as_leaf(*node).value_digest;
    }
    return proof;
}

}  // namespace remit::ledger
