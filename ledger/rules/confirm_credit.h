#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Says that the payee's own wallet shows the money. State CREDITED, final for the customer. When
/// the operator paid out in fiat, CUSTOMER -> SETTLEMENT(own) too: it pays from its own float until
/// settlement.
///
/// Who:    the payee's operator (OPERATE).
/// Errors: bad_reference, remittance_not_found, not_yours, wrong_state, wrong_account,
///         account_closed, account_frozen, insufficient_funds.
RuleResult confirm_credit(const ConfirmCredit& operation, const OperationContext& context,
                          LedgerState& state);

}  // namespace remit::ledger
