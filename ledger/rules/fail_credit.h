#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Says that the payee could not be credited: the operator now owes a return. State CREDIT_FAILED.
///
/// Who:    the payee's operator (OPERATE).
/// Errors: bad_reason, remittance_not_found, not_yours, wrong_state.
RuleResult fail_credit(const FailCredit& operation, const OperationContext& context,
                       LedgerState& state);

}  // namespace remit::ledger
