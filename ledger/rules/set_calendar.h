#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Replaces the cut-offs, approved m of n.
RuleResult set_calendar(const SetCalendar& operation, const OperationContext& context,
                        LedgerState& state);

}  // namespace remit::ledger
