#pragma once

#include <optional>
#include <string>

#include "ledger/rules/rule.h"
#include "ledger/state/delta.h"

namespace remit::ledger {

/// Runs every invariant over what a block changed. `after` is the state before with `writes` laid
/// over it. Returns the first breach in words (invariant, record), or nothing.
std::optional<std::string> check_invariants(const StateView& before, const StateView& after,
                                            const Delta::WriteSet& writes,
                                            const BlockContext& block);

}  // namespace remit::ledger
