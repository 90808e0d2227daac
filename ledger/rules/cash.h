#pragma once

#include "ledger/settlement.h"
#include "ledger/state/keys.h"
#include "ledger/state_access.h"

/// Figures of cash at the bank: the attested balance and every movement the ledger has seen since.
namespace remit::ledger {

/// One of a participant's two cash accounts at the bank, in one asset.
struct CashAccount {
    ParticipantId participant;
    AssetId asset;
    keys::CashBook book = keys::CashBook::reserve;
};

/// Raises (or, negative, lowers) the figure of `account` by cash that moves because of an operation
/// at `height`, and keeps the movement for attestations of earlier heights.
void move_cash(LedgerState& state, const CashAccount& account, Minor change, std::uint64_t height);

/// Sum of the movements after `height`.
Minor movements_after(const StateReader& state, const CashAccount& account, std::uint64_t height);

/// Forgets movements up to `height`: no later attestation can ask for them.
void forget_movements(LedgerState& state, const CashAccount& account, std::uint64_t height);

}  // namespace remit::ledger
