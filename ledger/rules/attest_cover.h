#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// The clearing bank states a participant's cover.
RuleResult attest_cover(const AttestCover& operation, const OperationContext& context,
                        LedgerState& state);

}  // namespace remit::ledger
