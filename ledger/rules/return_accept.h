#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Commits a return: escrow back along the makers to the payer (to SUSPENSE of the payer's operator
/// when the account is closed or frozen for credit), in the window of this commit.
///
/// Who:    the payer's operator (OPERATE), also while restricted or suspended.
/// Errors: return_not_found, not_yours, late_accept, wrong_state, ndc_exceeded, reserve_exceeded.
RuleResult return_accept(const ReturnAccept& operation, const OperationContext& context,
                         LedgerState& state);

}  // namespace remit::ledger
