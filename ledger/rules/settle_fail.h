#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// After the pay-in deadline: draws the cover of a leg's owner and what comes after it.
RuleResult settle_fail(const SettleFail& operation, const OperationContext& context,
                       LedgerState& state);

}  // namespace remit::ledger
