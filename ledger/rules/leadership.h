#pragma once

#include <cstdint>
#include <vector>

#include "ledger/block.h"
#include "ledger/state_access.h"

/// Leaders that fail do not lead in the next epoch (consensus.md 3.10). The blocks tell who failed:
/// every view between a block and its parent was given up by a quorum.
namespace remit::ledger {

/// Faults that so many validators bear.
std::size_t faulty_of(std::size_t validators);

/// What one block says of the epoch's leaders. Indexes outside the set in force are passed over.
void note_turns(const LeaderTurns& turns, LedgerState& state);

/// The debts of `now`, by the places of `next`: a validator is known by its participant and its
/// name, whatever its key. Who joins owes nothing.
std::vector<std::uint32_t> carried_debts(const EpochRecord& now, const EpochRecord& next,
                                         const std::vector<std::uint32_t>& debts);

/// Who does not lead in `next`, ascending: the deepest in debt of those that owe enough, at most f,
/// so that most of the leaders left are honest whoever made the others fail.
std::vector<std::uint16_t> demoted_of(const EpochRecord& next,
                                      const std::vector<std::uint32_t>& debts);

}  // namespace remit::ledger
