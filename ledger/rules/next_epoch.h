#pragma once

#include <optional>

#include "ledger/state_access.h"

/// What follows the epoch in force, as the state after a block tells.
namespace remit::ledger {

/// The epoch that would begin if this state decided: the pending plan when everybody who joins is
/// ready and so is a quorum of its set, else the same set once more, with the reason. Nothing for a
/// chain without epochs.
std::optional<EpochRecord> next_epoch(const StateReader& state);

/// `next` begins: the block being executed was the last of the epoch in force. A plan that is what
/// now begins is done. A newer one stays pending, unless what begins contradicts it
/// (check_against): it was judged by the epoch before and has to be made anew.
void begin_epoch(const EpochRecord& next, LedgerState& state);

/// `ready` of this key, recent enough to count at the state's height, for this protocol version.
bool is_ready(const PublicKey& key, std::uint16_t protocol_version, const StateReader& state);

}  // namespace remit::ledger
