#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// On-ramp: the operator took fiat and posts SETTLEMENT(own) -> CUSTOMER.
///
/// Who:    the operator (OPERATE, GATEWAY).
/// Errors: bad_reference, id_reused (the fiat reference stands for another operation),
///         participant_suspended, currency_not_open, wrong_account, account_closed,
///         account_frozen, zero_amount, negative_amount, amount_too_large, attestation_stale,
///         reserve_exceeded.
/// Keeps:  tokens held <= reserve + position (safeguarding).
/// Again:  the same operation under the same fiat reference gives the first result and moves
///         nothing.
RuleResult fund_wallet(const FundWallet& operation, const OperationContext& context,
                       LedgerState& state);

}  // namespace remit::ledger
