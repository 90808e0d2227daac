#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Names the set, the length, the protocol version and changed consensus parameters of the epochs
/// to come, approved m of n. It replaces a plan that is pending. Nothing changes before an epoch
/// ends; then next_epoch decides.
///
/// Errors: action_too_far, bad_approval, threshold_not_met, action_used, action_expired,
/// action_height, bad_action (no set that could vote: fewer than four outside a devnet, a name,
/// key, pin or address twice or out of its form, a key that is no VALIDATE key in force of a
/// VALIDATOR; a length out of range; a version that is neither the one in force nor the next),
/// seat_of_another and param_refused (check_against).
RuleResult set_validators(const SetValidators& operation, const OperationContext& context,
                          LedgerState& state);

}  // namespace remit::ledger
