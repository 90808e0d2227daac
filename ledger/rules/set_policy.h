#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Every number of a policy is one the network can live with: nothing is 0 that must not be, shares
/// stay below the whole, corridors name known assets once, and the approvals it asks for can be had
/// from the organisations that exist. Judged before a change is agreed (dry run) and by the rule.
/// Genesis is judged by it too.
bool is_workable(const Policy& policy, const StateReader& state);

/// Replaces the policy, approved m of n. A changed cap factor may set or clear OVER_CAP.
///
/// Errors: action_too_far, bad_approval, threshold_not_met, action_used, action_expired,
/// bad_action, action_height.
RuleResult set_policy(const SetPolicy& operation, const OperationContext& context,
                      LedgerState& state);

}  // namespace remit::ledger
