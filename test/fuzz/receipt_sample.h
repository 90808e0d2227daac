#pragma once

#include "ledger/receipt.h"
#include "ledger/state/receipts_tree.h"
#include "node/storage/receipt_proof.h"
#include "test/support/consensus/network.h"

namespace remit::fuzz {

/// The one receipt that the sample chain's validators ever made final.
struct ReceiptSample {
    test::Chain chain{4};
    node::PortableReceipt proof;
};

inline const ReceiptSample& receipt_sample() {
    static const ReceiptSample out = [] {
        ReceiptSample sample;
        const auto& chain = sample.chain;
        const auto first = chain.child(chain.genesis, 1);
        const auto second = chain.child(first, 2);
        std::vector<Bytes> receipts;
        for (std::uint32_t i = 0; i < 5; ++i) {
            ledger::Receipt receipt;
            receipt.operation_index = i;
            receipt.height = first.height;
            receipt.time = first.time();
            receipts.push_back(ledger::encode(receipt));
        }
        const ledger::ReceiptsTree tree(receipts);
        const auto before = ledger::initial_receipts_root();
        auto& proof = sample.proof;
        proof.chain_id = chain.chain_id;
        proof.receipt = receipts[3];
        proof.receipt_proof = tree.prove(3, before).encode();
        proof.headers = {first, second};
        auto& result = proof.execution.result;
        result = {.height = 1,
                  .block_digest = first.digest(),
                  .state_root = {},
                  .receipts_root = tree.receipts_root(before),
                  .snapshot_root = {},
                  .next_epoch_hash = {}};
        proof.execution.epoch = 1;
        proof.execution.valset_hash = chain.set.hash();
        consensus::SignatureMap signatures;
        for (consensus::ValidatorIndex i = 0; i < 3; ++i) {
            signatures[i] = chain.signers[i]->sign(
                consensus::execution_bytes(chain.chain_id, chain.set, result));
        }
        proof.execution.signers = consensus::Signers::from(signatures, 3, 4);
        proof.finalization =
            chain.certificate(consensus::VoteKind::finalize, 2, second.digest(), {0, 1, 2});
        return sample;
    }();
    return out;
}

}  // namespace remit::fuzz
