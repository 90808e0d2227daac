#pragma once

#include <map>
#include <vector>

#include "ledger/state/merkle_tree.h"
#include "ledger/state/receipts_tree.h"

namespace remit::fuzz {

/// A small state and a small block of receipts, with their trees.
struct MerkleSample {
    std::map<Bytes, Bytes> records;
    ledger::MerkleTree tree;
    std::vector<Bytes> receipts;
    ledger::ReceiptsTree receipts_tree{{}};
    Hash previous_root;
    Hash receipts_root;
};

inline Bytes sample_key(std::uint8_t number) {
    return "key " + std::to_string(number);
}
inline Bytes sample_value(std::uint8_t number) {
    return "value " + std::to_string(number);
}

/// Key n with value n for n = 0..31, and receipts 0..12.
inline const MerkleSample& merkle_sample() {
    static const MerkleSample out = [] {
        MerkleSample sample;
        ledger::Delta::WriteSet writes;
        for (std::uint8_t i = 0; i < 32; ++i) {
            sample.records[sample_key(i)] = sample_value(i);
            writes[sample_key(i)] = sample_value(i);
        }
        sample.tree = ledger::MerkleTree().updated(writes);
        for (std::uint8_t i = 0; i < 13; ++i) {
            sample.receipts.push_back(sample_value(i));
        }
        sample.receipts_tree = ledger::ReceiptsTree(sample.receipts);
        sample.previous_root = remit::hash(domain::receipts, "before");
        sample.receipts_root = sample.receipts_tree.receipts_root(sample.previous_root);
        return sample;
    }();
    return out;
}

}  // namespace remit::fuzz
