#pragma once

#include <optional>

#include "consensus/epoch.h"
#include "ledger/block.h"
#include "ledger/epoch.h"
#include "ledger/state_access.h"

namespace remit::node {

/// What consensus is told of an epoch of the ledger. The parameters of `record` have been checked:
/// they are genesis's, or what the ledger made of them by plans that it accepted.
consensus::EpochDescription description_of(const ledger::EpochRecord& record);

/// The record that a description was made of; empty optional: it was made of none.
std::optional<ledger::EpochRecord> record_of(const consensus::EpochDescription& description);

/// A block to execute, but for its items and the epoch after it. `state` is that below the block.
ledger::BlockInput input_of(const consensus::Header& header, const ledger::StateReader& state);

}  // namespace remit::node
