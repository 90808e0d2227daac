#pragma once

#include <span>
#include <vector>

#include "ledger/remittance.h"
#include "ledger/return.h"
#include "ledger/rules/rule.h"

/// The way money takes through a remittance or a return, and what each participant on it pays.
namespace remit::ledger {

/// What commits a remittance: escrow to maker to maker to payee, and escrow to each fee's owner.
std::vector<Posting> commit_route(const Remittance& remittance);
/// What commits a return: the payee's operator's escrow back along the makers to the payer.
std::vector<Posting> return_route(const Remittance& remittance, const Return& movement);

/// The payer's account, where expired and rejected money goes.
AccountId payer_account(const Remittance& remittance);
AccountId payee_account(const Remittance& remittance);
AccountId escrow_of_payer(const Remittance& remittance);
AccountId escrow_of_payee(const Remittance& remittance);

/// What one participant pays to others in one asset.
struct CrossingDebit {
    ParticipantId participant{};
    Money money{};
};
/// The crossing part of a route, one entry for each (participant, asset), rising.
std::vector<CrossingDebit> crossing_debits(std::span<const Posting> route);

/// Raises `reserved` of everybody who pays. Error: ndc_exceeded, about whose cap it is.
Status<Refusal> reserve_route(LedgerState& state, std::span<const Posting> route);
/// Lifts what reserve_route put down.
void unreserve_route(LedgerState& state, std::span<const Posting> route);
/// Lifts the reservations and posts the whole route. Errors: ndc_exceeded, reserve_exceeded (a
/// maker that safeguards customers), those of `post`; each about whom it is.
Status<Refusal> commit_reserved_route(LedgerState& state, std::span<const Posting> route);

/// Lifts reservations and brings principal and fees home. Errors: as `post`.
Status<LedgerError> release(LedgerState& state, const Remittance& remittance);
/// The same for a return: money back to the payee, or to its operator when that one bears it.
Status<LedgerError> release_return(LedgerState& state, const Remittance& remittance,
                                   const Return& movement);

}  // namespace remit::ledger
