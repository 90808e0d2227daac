#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// The clearing bank states a participant's safeguarded reserve.
RuleResult attest_reserve(const AttestReserve& operation, const OperationContext& context,
                          LedgerState& state);

}  // namespace remit::ledger
