#pragma once

#include "ledger/rules/rule.h"
#include "ledger/window.h"

/// What settle_confirm and settle_fail have in common.
namespace remit::ledger {

/// A leg that has something left, of the oldest unsettled window.
struct DueLeg {
    Window window;
    Leg leg;
    Minor due = 0;  // negative: the participant pays in
};

/// Errors: window_not_found (no such window or leg), window_not_oldest (an older one is unsettled,
/// or this one is open), leg_not_due.
Result<DueLeg, LedgerError> find_due_leg(const StateReader& state, WindowId window,
                                         ParticipantId participant, AssetId asset);

/// Cover was drawn for a leg of the participant in this window, or it fell short.
bool has_failed_leg(const StateReader& state, WindowId window, ParticipantId participant);
/// Not even its cover paid for one of them: governance decides when its cash is free again.
bool has_short_leg(const StateReader& state, WindowId window, ParticipantId participant);

/// Cash paid in for the oldest unsettled window and not paid out yet.
Minor cash_in_clearing(const StateReader& state, const Asset& asset);

/// The bank's own account of an asset.
AccountId clearing_account(const Asset& asset);
AccountId settlement_account(ParticipantId participant, AssetId asset);

/// Ends the window when every leg is 0: it becomes SETTLED and the next one's turn comes. Who paid
/// all its legs starts anew with no failed ones.
void settle_if_done(LedgerState& state, const BlockContext& block, WindowId window);

}  // namespace remit::ledger
