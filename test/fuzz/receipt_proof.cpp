// A portable receipt that verifies is the one that was made final, whatever was done to its bytes.
#include "node/storage/receipt_proof.h"

#include "test/fuzz/input.h"
#include "test/fuzz/receipt_sample.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

void judge(ByteView bytes) {
    const auto& sample = receipt_sample();
    const auto proof = node::PortableReceipt::decode(bytes);
    if (!proof) {
        return;
    }
    require(proof->encode() == bytes, "a portable receipt has one encoding");
    if (!node::verify(*proof, sample.chain.chain_id, sample.chain.set)) {
        return;
    }
    const auto& real = sample.proof;
    require(proof->receipt == real.receipt && proof->receipt_proof == real.receipt_proof,
            "a receipt that was never made final verifies");
    require(proof->headers == real.headers, "headers that were never finalised verify");
    require(proof->execution.result == real.execution.result &&
                proof->finalization.digest == real.finalization.digest,
            "a result or a finalization that was never signed verifies");
}

/// Changes to the real proof, since a fuzzer seldom keeps four hundred bytes of signatures whole.
void judge_changed(Input input) {
    auto bytes = receipt_sample().proof.encode();
    while (!input.empty()) {
        const auto place = input.u16() % bytes.size();
        const auto how = input.u8();
        if (how < 4) {
            bytes.erase(place, how + 1U);
        } else if (how < 8) {
            bytes.insert(place, input.bytes(how - 3U));
        } else {
            bytes[place] = static_cast<char>(bytes[place] ^ static_cast<char>(how));
        }
        if (bytes.empty()) {
            return;
        }
    }
    judge(bytes);
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::Input input(data, size);
    if (input.flag()) {
        remit::fuzz::judge_changed(input);
    } else {
        remit::fuzz::judge(input.rest());
    }
    return 0;
}
