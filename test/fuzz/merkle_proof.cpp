// Proofs against a naive reading of the same records: what verifies must be true.
#include <map>

#include "ledger/state/merkle_tree.h"
#include "ledger/state/receipts_tree.h"
#include "test/fuzz/input.h"
#include "test/fuzz/merkle_sample.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

void state_proof(Input input) {
    const auto& sample = merkle_sample();
    const auto key = sample_key(input.u8());
    const auto absent = input.flag();
    const auto value = sample_value(input.u8());
    const auto bytes = input.rest();
    if (const auto proof = StateProof::decode(bytes)) {
        require(proof->encode() == bytes, "a state proof has one encoding");
    }
    const auto found = sample.records.find(key);
    const bool holds = verify_state(sample.tree.root(), key,
                                    absent ? std::nullopt : std::optional<ByteView>(value), bytes);
    const bool truth = absent ? found == sample.records.end()
                              : found != sample.records.end() && found->second == value;
    require(!holds || truth, "a state proof shows what is not so");
    require(!truth || verify_state(sample.tree.root(), key,
                                   absent ? std::nullopt : std::optional<ByteView>(value),
                                   sample.tree.prove(key).encode()),
            "what is so can be shown");
}

void receipt_proof(Input input) {
    const auto& sample = merkle_sample();
    const auto receipt = sample_value(input.u8());
    const auto bytes = input.rest();
    if (const auto proof = ReceiptProof::decode(bytes)) {
        require(proof->encode() == bytes, "a receipt proof has one encoding");
    }
    const auto root = receipts_root_of(receipt, bytes);
    if (!root || *root != sample.receipts_root) {
        return;
    }
    const auto proof = ReceiptProof::decode(bytes);
    require(proof && proof->index < sample.receipts.size() &&
                proof->count == sample.receipts.size() &&
                sample.receipts[proof->index] == receipt &&
                sample.receipts_tree.prove(proof->index, sample.previous_root) == *proof,
            "a receipt proof leads to the root from another receipt or place");
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::Input input(data, size);
    if (input.flag()) {
        remit::fuzz::receipt_proof(input);
    } else {
        remit::fuzz::state_proof(input);
    }
    return 0;
}
