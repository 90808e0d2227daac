#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// A validator, or one that is to be, says that it follows the chain and in which protocol versions
/// it can vote. Signed by the VALIDATE key it speaks of; counts for `ready_life` heights.
///
/// Errors: not_listed (neither in the set in force nor in the pending plan), not_following (the
/// height it names is not among the last `ready_lag_max`, or it can vote in no version).
RuleResult ready(const Ready& operation, const OperationContext& context, LedgerState& state);

}  // namespace remit::ledger
