#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/base/bytes.h"
#include "ledger/base/hash.h"

/// Hashes and proofs of the two authenticated trees (docs/reference/encoding.md, sections 3 to 5).
/// Nothing here needs the state: this is what `remit verify` runs offline.
namespace remit::ledger {

/// Where a record lies in the state tree: its bits, most significant first, are the turns taken.
Hash state_path(ByteView key);
/// What a leaf commits to instead of the record itself, so that an absence proof can show another
/// leaf without showing its record.
Hash state_value_digest(ByteView value);
Hash state_leaf_hash(const Hash& path, const Hash& value_digest);
/// `bit` is the number of the bit at which the two sides differ, 0..255.
Hash state_node_hash(std::uint8_t bit, const Hash& left, const Hash& right);
/// Root of the tree without records.
Hash empty_state_root();

/// Shows that the state under one root holds a record, or that it holds none under a key.
/// Canonical bytes: version u8 = 1 | end u8 | [other path 32 | other value digest 32] |
/// count u16 | count x (bit u8 | sibling 32), from the root down.
struct StateProof {
    /// Where the walk by the key's path ends.
    enum class End : std::uint8_t { empty_tree = 0, this_key = 1, other_key = 2 };
    struct Step {
        std::uint8_t bit = 0;
        Hash sibling;
        friend bool operator==(const Step&, const Step&) = default;
    };
    static constexpr std::size_t steps_max = 256;

    End end = End::empty_tree;
    Hash other_path;          // only with End::other_key
    Hash other_value_digest;  // only with End::other_key
    std::vector<Step> steps;  // bits strictly rising

    [[nodiscard]] Bytes encode() const;
    /// Empty optional unless `bytes` is exactly the canonical encoding of a proof.
    static std::optional<StateProof> decode(ByteView bytes);
    friend bool operator==(const StateProof&, const StateProof&) = default;
};

/// True when the proof shows that the state under `root` holds exactly `value` under `key`, or,
/// without a value, that it holds no record under `key`.
bool verify_state(const Hash& root, ByteView key, std::optional<ByteView> value, ByteView proof);

Hash receipt_leaf_hash(ByteView receipt);
Hash receipt_node_hash(const Hash& left, const Hash& right);
/// Root of the receipts tree of a block without receipts.
Hash empty_receipts_tree_root();
/// What precedes the first block's receipts root.
inline Hash initial_receipts_root() {
    return {};
}
/// receipts_root(h) = H(receipts | receipts_root(h-1) | count u32 | root of the block's tree).
Hash receipts_root(const Hash& previous, std::uint32_t count, const Hash& tree_root);

/// Shows that a receipt is the `index`th of `count` of one block.
/// Canonical bytes: version u8 = 1 | index u32 | count u32 | previous receipts root 32 |
/// siblings u8 | siblings x 32, from the leaf up. A node without a partner moves up as it is.
struct ReceiptProof {
    static constexpr std::size_t siblings_max = 32;

    std::uint32_t index = 0;
    std::uint32_t count = 0;
    Hash previous_root;
    std::vector<Hash> siblings;

    [[nodiscard]] Bytes encode() const;
    static std::optional<ReceiptProof> decode(ByteView bytes);
    friend bool operator==(const ReceiptProof&, const ReceiptProof&) = default;
};

/// The receipts root that the proof leads to from `receipt`: compare it with a certified one.
/// Empty optional when the proof is no canonical proof or has the wrong shape for its count.
std::optional<Hash> receipts_root_of(ByteView receipt, ByteView proof);

}  // namespace remit::ledger
