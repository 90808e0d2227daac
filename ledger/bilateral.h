#pragma once

#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/state_access.h"

/// Who owes whom within a window: the measure of loss shares (ledger.md 4). Positions net over all
/// participants and cannot say it.
namespace remit::ledger {

/// One asset of one window.
struct WindowAsset {
    WindowId window;
    AssetId asset;
};

/// Two participants: money went from one to the other, or may be claimed by one from the other.
struct Pair {
    ParticipantId debtor;
    ParticipantId creditor;
};

/// A crossing posting moved `amount` from the debtor to the creditor in the window.
/// Error: amount_too_large.
Status<LedgerError> add_bilateral(LedgerState& state, WindowAsset place, Pair pair, Minor amount);

/// What the debtor owes the creditor by the postings of the window: negative when it is the other
/// way round.
Minor bilateral_net(const StateReader& state, WindowAsset place, Pair pair);

/// The window is settled: nobody asks any more.
void forget_bilaterals(LedgerState& state, WindowId window);

}  // namespace remit::ledger
