#include "ledger/state/receipts_tree.h"

#include <catch2/catch.hpp>

using remit::Bytes;
using remit::ByteView;
using remit::Hash;
using namespace remit::ledger;

namespace {
std::vector<Bytes> receipts(std::size_t count) {
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back("receipt " + std::to_string(i));
    }
    return out;
}

/// RFC 6962's own definition: split at the largest power of two below the count.
Hash naive_root(const std::vector<Bytes>& leaves) {
    if (leaves.empty()) {
        return empty_receipts_tree_root();
    }
    if (leaves.size() == 1) {
        return receipt_leaf_hash(leaves.front());
    }
    std::size_t half = 1;
    while (half * 2 < leaves.size()) {
        half *= 2;
    }
    const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(half);
    return receipt_node_hash(naive_root(std::vector<Bytes>(leaves.begin(), middle)),
                             naive_root(std::vector<Bytes>(middle, leaves.end())));
}

Hash some_hash() {
    Hash out;
    out.data.fill(9);
    return out;
}
}  // namespace

TEST_CASE("receipts tree: has the root of RFC 6962's shape for every count") {
    for (std::size_t count = 0; count <= 70; ++count) {
        CAPTURE(count);
        const ReceiptsTree tree(receipts(count));
        REQUIRE(tree.count() == count);
        REQUIRE(tree.tree_root() == naive_root(receipts(count)));
    }
}

TEST_CASE("receipts tree: every receipt proves itself and no other place or text") {
    for (std::size_t count : {1U, 2U, 3U, 5U, 7U, 8U, 33U}) {
        const auto texts = receipts(count);
        const ReceiptsTree tree(texts);
        const Hash root = tree.receipts_root(some_hash());
        for (std::uint32_t i = 0; i < count; ++i) {
            CAPTURE(count, i);
            const ReceiptProof proof = tree.prove(i, some_hash());
            REQUIRE(receipts_root_of(texts[i], proof.encode()) == root);
            REQUIRE(receipts_root_of("forged", proof.encode()) != root);
            ReceiptProof moved = proof;
            moved.index = (i + 1) % static_cast<std::uint32_t>(count);
            if (count > 1) {
                REQUIRE(receipts_root_of(texts[i], moved.encode()) != root);
            }
        }
    }
}

TEST_CASE("receipts tree: the root commits to the block before and to the count") {
    const ReceiptsTree tree(receipts(4));
    REQUIRE(tree.receipts_root(some_hash()) != tree.receipts_root(initial_receipts_root()));
    REQUIRE(receipts_root(some_hash(), 4, tree.tree_root()) !=
            receipts_root(some_hash(), 5, tree.tree_root()));
}

TEST_CASE("receipts tree: a proof with any byte changed, cut or added is refused") {
    const auto texts = receipts(11);
    const ReceiptsTree tree(texts);
    const Hash root = tree.receipts_root(some_hash());
    for (std::uint32_t index : {0U, 4U, 10U}) {
        const Bytes proof = tree.prove(index, some_hash()).encode();
        for (std::size_t i = 0; i < proof.size(); ++i) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                Bytes bad = proof;
                bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
                CAPTURE(index, i, bit);
                REQUIRE(receipts_root_of(texts[index], bad) != root);
            }
            REQUIRE_FALSE(receipts_root_of(texts[index], ByteView(proof).substr(0, i)));
        }
        REQUIRE_FALSE(receipts_root_of(texts[index], proof + '\0'));
    }
}
