#pragma once

#include "ledger/rules/cash.h"
#include "ledger/rules/rule.h"

/// What attest_cover and attest_reserve have in common (ledger.md 2).
namespace remit::ledger {

/// What an attestation makes of a figure.
struct AttestedFigure {
    Minor figure = 0;
    bool is_retry = false;  // the very same attestation was taken before: nothing changes
};

/// Checks an attestation, takes its statement reference for ever and gives the figure it makes:
/// the balance, corrected by the movements the ledger has seen after `as_of_height`, never below 0.
/// `body` is the operation's digest.
///
/// Errors: currency_not_open, not_permitted (not the clearing bank of the asset), not_registered,
/// own_attestation, bad_encoding (no kind), bad_reference, negative_amount, amount_too_large,
/// id_reused (the statement was used by another attestation), attestation_height, amount_differs (a
/// RELEASE that raises the figure).
Result<AttestedFigure, LedgerError> attested_figure(const AttestationClaim& claim, const Hash& body,
                                                    keys::CashBook book,
                                                    const OperationContext& context,
                                                    LedgerState& state);

}  // namespace remit::ledger
