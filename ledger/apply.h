#pragma once

#include <optional>

#include "ledger/block.h"
#include "ledger/rules/rule.h"
#include "ledger/state/view.h"

namespace remit::ledger {

/// Executes one finalised block on the state `base`: closes the window when a cut-off has passed,
/// sweeps what has expired, then runs the items in order, and checks the invariants on what was
/// written. Pure: the same state and input give the same result on every machine. Nothing an item
/// holds can make a block fail; a refused operation leaves a receipt and no effect on money.
BlockResult apply_block(const StateView& base, const BlockInput& input);

/// When the chain in state `view` next needs a block although nobody sends anything.
std::optional<BlockTime> wake_at(const StateView& view);

/// Keys of this purpose may sign operations of this verb.
bool may_sign(KeyPurpose purpose, Verb verb);
/// The role the signer of a verb needs; nothing when any participant may send it.
std::optional<Role> role_needed(Verb verb);

}  // namespace remit::ledger
