#include "tools/cli/receipt_check.h"

#include "node/storage/chain.h"
#include "node/storage/receipt_proof.h"

namespace remit::cli {
namespace {

std::string meaning_of(node::ReceiptProofError error) {
    switch (error) {
        case node::ReceiptProofError::malformed:
            return "the file is not the canonical bytes of one receipt proof";
        case node::ReceiptProofError::wrong_chain:
            return "the proof belongs to another genesis";
        case node::ReceiptProofError::bad_receipt_path:
            return "the receipt is not under the certified receipts root";
        case node::ReceiptProofError::bad_execution:
            return "too few validators signed the block's result";
        case node::ReceiptProofError::wrong_block:
            return "the result or a header belongs to another block";
        case node::ReceiptProofError::broken_chain:
            return "a header does not follow the one before";
        case node::ReceiptProofError::not_final:
            return "no valid finalization covers the block";
        case node::ReceiptProofError::bad_hand_over:
            return "the way from the genesis validators to those who signed is broken";
    }
    return "the proof proves nothing";
}

tl::unexpected<Failure> not_proven(node::ReceiptProofError error) {
    return fail(Failure{std::string(node::name_of(error)), meaning_of(error),
                        "do not rely on it: ask for the receipt again, from another node",
                        ExitCode::bad_configuration});
}

}  // namespace

Result<CheckedReceipt, Failure> check_receipt(ByteView proof_file, ByteView genesis_file) {
    const auto chain = node::chain_of(genesis_file);
    if (!chain) {
        return fail(Failure{"BAD_GENESIS", chain.error(),
                            "take the genesis file from a member you trust",
                            ExitCode::bad_configuration});
    }
    const auto proof = node::PortableReceipt::decode(proof_file);
    if (!proof) {
        return not_proven(proof.error());
    }
    if (const auto sound = node::verify(*proof, chain->id, chain->validators); !sound) {
        return not_proven(sound.error());
    }
    const auto receipt = ledger::decode<ledger::Receipt>(proof->receipt);
    if (!receipt) {
        return not_proven(node::ReceiptProofError::malformed);
    }
    return CheckedReceipt{*receipt, chain->id, proof->headers.back().height,
                          proof->execution.signers.signatures.size(),
                          proof->finalization.signers.signatures.size()};
}

}  // namespace remit::cli
