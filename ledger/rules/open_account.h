#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Opens a CUSTOMER account under an opaque tag at its operator.
///
/// Who:    the operator (OPERATE).
/// Errors: not_permitted (a maker holds no customers), participant_suspended, currency_not_open,
///         wrong_account (zero tag), account_exists.
RuleResult open_account(const OpenAccount& operation, const OperationContext& context,
                        LedgerState& state);

}  // namespace remit::ledger
