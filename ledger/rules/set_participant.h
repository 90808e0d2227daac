#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Registers or changes a participant and its keys, approved m of n.
RuleResult set_participant(const SetParticipant& operation, const OperationContext& context,
                           LedgerState& state);

}  // namespace remit::ledger
