#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Prepares a return at the original rate: the payee's CUSTOMER (or SETTLEMENT of its operator,
/// when that one bears it) -> ESCROW, and reserves headroom of that operator and the makers. The
/// remittance becomes RETURN_PENDING. Part of it may be returned; the parts always sum to exactly
/// the original, because each is the difference of two floors of the running total.
///
/// Who:    the payee's operator (OPERATE), also while restricted or suspended.
/// Errors: bad_reference (zero id), id_reused, bad_reason, not_supported (other modes than
///         SAME_RATE), bad_deadline, remittance_not_found, not_yours, wrong_state, wrong_account,
///         account_closed, account_frozen, zero_amount, negative_amount, amount_too_large,
///         return_exceeds, amount_differs, return_right_passed (about the maker; the deadline must
///         lie within its right), below_min_delivery, insufficient_funds, ndc_exceeded (about
///         whom), reserve_exceeded.
/// Again:  the same operation under the same id gives the first result.
RuleResult return_prepare(const ReturnPrepare& operation, const OperationContext& context,
                          LedgerState& state);

}  // namespace remit::ledger
