#pragma once

#include <optional>
#include <span>
#include <string>

#include "ledger/invariants/invariant.h"
#include "ledger/rules/rule.h"
#include "ledger/state/delta.h"

namespace remit::ledger {

/// Every invariant, in the order in which they are asked.
std::span<const MakeInvariant> all_invariants();

/// Runs invariants over what a block changed. `after` is the state before with `writes` laid over
/// it. Returns the first breach. A record that cannot be read is one, named `encoding`.
std::optional<Breach> find_breach(const StateView& before, const StateView& after,
                                  const Delta::WriteSet& writes, const BlockContext& block,
                                  std::span<const MakeInvariant> invariants = all_invariants());

/// Runs invariants over a whole state: `db verify`, audits and tests.
std::optional<Breach> find_breach(const StateView& state,
                                  std::span<const MakeInvariant> invariants = all_invariants());

/// The same in words: what the host logs when it stops.
std::optional<std::string> check_invariants(const StateView& before, const StateView& after,
                                            const Delta::WriteSet& writes,
                                            const BlockContext& block);
std::optional<std::string> check_whole(const StateView& state);

}  // namespace remit::ledger
