#pragma once

#include "ledger/base/bytes.h"
#include "ledger/receipt.h"
#include "tools/cli/failure.h"

namespace remit::cli {

/// A receipt that the network's validators made final, and how.
struct CheckedReceipt {
    ledger::Receipt receipt;
    Hash chain_id;
    std::uint64_t finalized_height = 0;
    std::size_t executed_by = 0;   // validators that signed the block's results
    std::size_t finalized_by = 0;  // validators that signed the finalization
};

/// Checks a receipt file against nothing but the genesis file: chain id, validators, execution
/// certificate, finalization, receipts root, leaf. Any changed byte of either file fails.
/// Errors: exit 7, with a code that names the step: BAD_GENESIS or the proof's own.
Result<CheckedReceipt, Failure> check_receipt(ByteView proof_file, ByteView genesis_file);

}  // namespace remit::cli
