#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Publishes the clearing bank's reference rates for a pair. A quote names the mark it rests on;
/// quotes issued after the next mark must name that one.
///
/// Who:    the clearing bank (BANK).
/// Errors: currency_not_open, bad_deadline (validity is empty or over), mark_not_rising, bad_rate.
/// Again:  the newest mark repeated gives the first result.
RuleResult bank_mark(const BankMark& operation, const OperationContext& context,
                     LedgerState& state);

}  // namespace remit::ledger
