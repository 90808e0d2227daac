#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Off-ramp in steps under one payout id, so that money is neither paid twice nor lost between
/// ledger and rail: LOCK CUSTOMER (or the operator's FEE) -> ESCROW; FINAL ESCROW -> SETTLEMENT
/// once the rail has paid; CANCEL back (to SUSPENSE when the account is closed or frozen).
///
/// Who:    the operator (OPERATE, GATEWAY), also while restricted or suspended.
/// Errors: bad_encoding (no step), bad_reference, id_reused, currency_not_open, payout_not_found,
///         wrong_state, reference_used (rail reference), wrong_account, account_closed,
///         account_frozen, zero_amount, negative_amount, amount_too_large, insufficient_funds.
/// Again:  every step repeated in the state it led to gives the first result.
RuleResult defund_wallet(const DefundWallet& operation, const OperationContext& context,
                         LedgerState& state);

}  // namespace remit::ledger
