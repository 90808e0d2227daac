#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Settles one leg of the oldest unsettled window with booked entries of the bank.
RuleResult settle_confirm(const SettleConfirm& operation, const OperationContext& context,
                          LedgerState& state);

}  // namespace remit::ledger
