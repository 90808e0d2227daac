#pragma once

#include <optional>
#include <vector>

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Ends remittances and returns whose deadline block time has reached, in (deadline, id) order, at
/// most the policy's number in a block; what is left over comes in the next one. Reservations are
/// lifted and the money goes home. The ledger's own act: nobody sends it.
void sweep_expired(const BlockContext& block, LedgerState& state, std::vector<LedgerEvent>& events);

/// The earliest deadline on file.
std::optional<BlockTime> next_expiry_at(const StateReader& state);

/// Forgets idempotency keys whose valid-until has passed: as many in a block as the sweep may, and
/// as many again as its `items` can add, so that the oldest are gone in time under any load.
void prune_idempotency(const BlockContext& block, std::size_t items, LedgerState& state);

}  // namespace remit::ledger
