#pragma once

#include <string>
#include <vector>

#include "ledger/base/result.h"
#include "node/ops/failure.h"

namespace remit::node {

/// What `remit-node db verify` found in order.
struct StoreReport {
    std::uint64_t height = 0;
    std::string state_root;
    std::uint64_t records = 0;
    std::uint64_t blocks = 0;
    std::uint64_t receipts = 0;
};

/// Reads the whole database of a stopped node: checksums of every file, every record of the state
/// and its root, every block with its parent, batches, receipts and certificates, all blocks
/// executed again from genesis, and all invariants over the whole state. Nothing is written.
/// Errors: bad_configuration (integrity) naming the first bad record.
Result<StoreReport, Failure> verify_store(const std::string& data, const std::string& genesis);

}  // namespace remit::node
