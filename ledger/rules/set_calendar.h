#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Replaces the cut-offs, approved m of n. They rise, each with a value date that exists, and at
/// least one lies ahead. One that has passed since the last close closes the open window in the
/// next block.
///
/// Errors: action_too_far, bad_approval, threshold_not_met, action_used, action_expired,
/// bad_action, action_height.
RuleResult set_calendar(const SetCalendar& operation, const OperationContext& context,
                        LedgerState& state);

}  // namespace remit::ledger
