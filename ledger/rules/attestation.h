#pragma once

#include "ledger/rules/cash.h"
#include "ledger/rules/rule.h"

/// What attest_cover and attest_reserve have in common (ledger.md 2).
namespace remit::ledger {

/// Checks an attestation, takes its statement reference for ever and gives the figure it makes:
/// the balance, corrected by the movements the ledger has seen after `as_of_height`, never below 0.
///
/// Errors: currency_not_open, not_permitted (not the clearing bank of the asset), not_registered,
/// own_attestation, bad_encoding (no kind), bad_reference, reference_used, negative_amount,
/// amount_too_large, attestation_height, amount_differs (a RELEASE that raises the figure).
Result<Minor, LedgerError> attested_figure(const AttestationClaim& claim, keys::CashBook book,
                                           const OperationContext& context, LedgerState& state);

}  // namespace remit::ledger
