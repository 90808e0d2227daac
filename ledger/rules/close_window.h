#pragma once

#include <optional>
#include <vector>

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Block time from which the open window closes: the first cut-off after the last one done.
/// Nothing when the calendar has no more, or while two closed windows are unsettled (the close
/// waits, and an idle chain is not woken for it).
std::optional<BlockTime> next_close_at(const StateReader& state);

/// Closes the open window when its time has come, once however many cut-offs have passed; runs
/// before the first operation of a block. Appends what happened to `events`.
void close_window_if_due(const BlockContext& block, LedgerState& state,
                         std::vector<LedgerEvent>& events);

}  // namespace remit::ledger
