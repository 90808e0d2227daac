#pragma once

#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Pieces of evidence kept against one key: more would prove nothing new and fill the state.
inline constexpr std::size_t evidence_per_validator_max = 32;

/// Records two votes of a validator that exclude each other. Moves no money and changes nobody's
/// standing: what follows is for governance.
///
/// Who:    anybody registered; nodes do it by themselves with their VALIDATE key.
/// Errors: not_a_validator, bad_evidence, evidence_known, evidence_enough.
/// Again:  evidence_known.
RuleResult report_evidence(const ReportEvidence& operation, const OperationContext& context,
                           LedgerState& state);

}  // namespace remit::ledger
