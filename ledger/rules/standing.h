#pragma once

#include "ledger/policy.h"
#include "ledger/state_access.h"

/// What a participant may still do, as its own positions have it (ledger.md 2).
namespace remit::ledger {

/// Sets or clears OVER_CAP and SHORTFALL of the position by what holds now. A participant with
/// either flag, or with drawn cover, becomes RESTRICTED; when the last cause ends, a restriction
/// that the ledger set ends too. One set by governance stays.
void review_standing(LedgerState& state, ParticipantId participant, AssetId asset,
                     const Policy& policy);

/// Some cover of the participant was drawn, in any asset, and is not restored yet.
bool has_drawn_cover(const StateReader& state, ParticipantId participant);

/// Locked cover gives cap again, in every asset, and what was drawn counts as restored.
void unlock_cover(LedgerState& state, ParticipantId participant);

}  // namespace remit::ledger
