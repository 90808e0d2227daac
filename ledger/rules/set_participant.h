#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Registers or changes a participant and its keys, approved m of n. Making it ACTIVE again is the
/// decision that ends what settlement failures left: failed legs are forgotten and locked cover
/// gives cap again.
///
/// Errors: action_too_far, bad_approval, threshold_not_met, action_used, action_expired,
/// key_in_use, action_height, bad_action (a field out of its form; operator and maker in one; a
/// role or status taken away while balances or customers need it; a key to revoke that is not its
/// own; a change after which the threshold of approvals could never be met again).
RuleResult set_participant(const SetParticipant& operation, const OperationContext& context,
                           LedgerState& state);

}  // namespace remit::ledger
