#include "ledger/state/merkle_tree.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "ledger/state/memory_view.h"

using remit::Bytes;
using remit::ByteView;
using remit::Hash;
using namespace remit::ledger;

namespace {
using Leaves = std::vector<std::pair<Hash, Hash>>;  // path, leaf hash

bool bit_at(const Hash& path, unsigned bit) {
    return ((path.data.at(bit / 8U) >> (7U - bit % 8U)) & 1U) != 0;
}

/// The definition, recomputed from nothing: split at the first bit in which any two paths differ.
Hash naive_root(const Leaves& leaves) {
    if (leaves.empty()) {
        return empty_state_root();
    }
    if (leaves.size() == 1) {
        return leaves.front().second;
    }
    for (unsigned bit = 0; bit < 256; ++bit) {
        Leaves left;
        Leaves right;
        for (const auto& entry : leaves) {
            (bit_at(entry.first, bit) ? right : left).push_back(entry);
        }
        if (!left.empty() && !right.empty()) {
            return state_node_hash(static_cast<std::uint8_t>(bit), naive_root(left),
                                   naive_root(right));
        }
    }
    return {};
}

Hash naive_root(const MemoryView& view) {
    Leaves leaves;
    for (const auto& [key, value] : view.records()) {
        const Hash path = state_path(key);
        leaves.emplace_back(path, state_leaf_hash(path, state_value_digest(value)));
    }
    return naive_root(leaves);
}
}  // namespace

TEST_CASE("merkle tree: every block's root equals a naive recomputation from the records") {
    std::mt19937_64 random(7);
    MemoryView view;
    MerkleTree tree;
    REQUIRE(tree.root() == empty_state_root());
    for (int block = 0; block < 120; ++block) {
        CAPTURE(block);
        Delta delta(view);
        const auto writes = random() % 40;
        for (std::uint64_t i = 0; i < writes; ++i) {
            const Bytes key = "key" + std::to_string(random() % 300);
            if (random() % 3 == 0) {
                delta.erase(key);
            } else {
                delta.put(key, "value" + std::to_string(random() % 5));
            }
        }
        tree = tree.updated(delta.write_set());
        view.apply(delta.write_set());
        REQUIRE(tree.root() == naive_root(view));
        REQUIRE(MerkleTree::build(view).root() == tree.root());
    }
    REQUIRE(view.records().size() > 50);
}

TEST_CASE("merkle tree: an older tree keeps its root when a newer one is made from it") {
    MemoryView view;
    Delta delta(view);
    delta.put("a", "1");
    delta.put("b", "2");
    const MerkleTree first = MerkleTree().updated(delta.write_set());
    const Hash root = first.root();
    Delta second(view);
    second.put("a", "changed");
    second.erase("b");
    const MerkleTree next = first.updated(second.write_set());
    REQUIRE(first.root() == root);
    REQUIRE(next.root() != root);
    REQUIRE(verify_state(root, "b", "2", first.prove("b").encode()));
    REQUIRE(verify_state(next.root(), "b", std::nullopt, next.prove("b").encode()));
}

TEST_CASE("merkle tree: erasing everything gives the empty root again") {
    MemoryView view;
    for (int i = 0; i < 50; ++i) {
        view.put("k" + std::to_string(i), "v");
    }
    Delta erase(view);
    for (int i = 0; i < 50; ++i) {
        erase.erase("k" + std::to_string(i));
    }
    REQUIRE(MerkleTree::build(view).updated(erase.write_set()).root() == empty_state_root());
}

TEST_CASE("merkle tree: presence and absence are proven, and only what is true") {
    MemoryView view;
    for (int i = 0; i < 200; ++i) {
        view.put("k" + std::to_string(i), "v" + std::to_string(i));
    }
    const MerkleTree tree = MerkleTree::build(view);
    for (int i = 0; i < 400; ++i) {
        const Bytes key = "k" + std::to_string(i);
        const Bytes value = "v" + std::to_string(i);
        const Bytes proof = tree.prove(key).encode();
        CAPTURE(i);
        REQUIRE(proof.size() < 4096);
        REQUIRE(verify_state(tree.root(), key, ByteView(value), proof) == (i < 200));
        REQUIRE(verify_state(tree.root(), key, std::nullopt, proof) == (i >= 200));
        REQUIRE_FALSE(verify_state(tree.root(), key, "other", proof));
        REQUIRE_FALSE(verify_state(tree.root(), "another key", ByteView(value), proof));
    }
    const Bytes empty = MerkleTree().prove("k").encode();
    REQUIRE(verify_state(empty_state_root(), "k", std::nullopt, empty));
    REQUIRE_FALSE(verify_state(empty_state_root(), "k", "v", empty));
    REQUIRE_FALSE(verify_state(tree.root(), "k1", std::nullopt, empty));
}

TEST_CASE("merkle tree: a proof with any byte changed, cut or added is refused") {
    MemoryView view;
    for (int i = 0; i < 100; ++i) {
        view.put("k" + std::to_string(i), "v" + std::to_string(i));
    }
    const MerkleTree tree = MerkleTree::build(view);
    const auto refused = [&](ByteView key, std::optional<ByteView> value) {
        const Bytes proof = tree.prove(key).encode();
        REQUIRE(verify_state(tree.root(), key, value, proof));
        for (std::size_t i = 0; i < proof.size(); ++i) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                Bytes bad = proof;
                bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
                CAPTURE(i, bit);
                REQUIRE_FALSE(verify_state(tree.root(), key, value, bad));
            }
            REQUIRE_FALSE(verify_state(tree.root(), key, value, ByteView(proof).substr(0, i)));
        }
        REQUIRE_FALSE(verify_state(tree.root(), key, value, proof + '\0'));
        for (std::size_t i = 0; i < Hash::size; ++i) {
            Hash root = tree.root();
            root.data.at(i) ^= 1U;
            REQUIRE_FALSE(verify_state(root, key, value, proof));
        }
    };
    refused("k42", "v42");
    refused("absent", std::nullopt);
}
