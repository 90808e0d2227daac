#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Commits a remittance: all legs, both currencies and every fee at once, or nothing.
///
/// Who:    the payee's operator (OPERATE), before the deadline in block time.
/// Errors: remittance_not_found, not_yours, late_accept, wrong_state, participant_suspended (any
///         side), wrong_account, account_closed, account_frozen, ndc_exceeded (cover fell or a
///         window closed since; the remittance stays PREPARED), reserve_exceeded.
/// Keeps:  the deliverer credits exactly what was promised; payment versus payment.
RuleResult accept(const Accept& operation, const OperationContext& context, LedgerState& state);

}  // namespace remit::ledger
