#pragma once

#include <string>

#include "consensus/types.h"
#include "ledger/base/hash.h"
#include "node/seams/kv.h"

namespace remit::node {

struct DatabaseReport {
    consensus::Height height = 0;
    consensus::Height base = 0;  ///< blocks above this height are kept and were checked
    std::uint64_t state_records = 0;
    std::uint64_t receipts = 0;
    Hash state_root;
};

/// The first thing that is not as it must be: which record, and what is wrong with it.
struct DatabaseFault {
    std::string record;
    std::string text;
};

/// Checks a stopped node's database against the genesis file alone: chain of headers,
/// certificates, batches, receipts roots and indexes of every height; then executes all blocks
/// again in memory, compares each record of the state with what that gives, recomputes the root
/// and runs every invariant over the whole. Behind `remit-node db verify`.
///
/// Where blocks up to some height are not kept, `base` is the copy of a snapshot there or above:
/// all begins from its state, whose root and manifest must be those that executors signed above it.
/// Null where everything is kept.
Result<DatabaseReport, DatabaseFault> verify_database(const KvReader& kv, ByteView genesis_file,
                                                      const KvReader* base = nullptr);

}  // namespace remit::node
