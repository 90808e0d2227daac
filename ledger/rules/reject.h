#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Refuses a prepared remittance: reservations lifted, principal and fees home. State REJECTED.
///
/// Who:    the payee's operator (OPERATE), also while restricted or suspended.
/// Errors: bad_reason, remittance_not_found, not_yours, late_accept, wrong_state.
RuleResult reject(const Reject& operation, const OperationContext& context, LedgerState& state);

}  // namespace remit::ledger
