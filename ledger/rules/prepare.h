#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Prepares a remittance: payer's CUSTOMER -> ESCROW (principal and fees), and reserves what the
/// payer's operator and the makers will pay to others. State PREPARED.
///
/// Who:    the payer's operator (OPERATE).
/// Errors: in the order of the table, not_a_uuid ... ndc_exceeded. From the policy checks on a
///         refusal is kept under the UETR (REFUSED), but uses up neither quote nor nonce.
/// Again:  the same operation under the same UETR gives the first result.
/// Source: ledger.md 3, 5; remittance.md 3.5, 3.7.
RuleResult prepare(const Prepare& operation, const OperationContext& context, LedgerState& state);

/// Keeps a refusal under its UETR: written outside the attempt, which is dropped.
void record_refused(const Prepare& operation, const Refusal& refusal,
                    const OperationContext& context, LedgerState& state);

}  // namespace remit::ledger
