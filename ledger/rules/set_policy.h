#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Replaces the policy, approved m of n.
RuleResult set_policy(const SetPolicy& operation, const OperationContext& context,
                      LedgerState& state);

}  // namespace remit::ledger
