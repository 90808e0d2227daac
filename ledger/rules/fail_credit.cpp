#include "ledger/rules/fail_credit.h"

namespace remit::ledger {

RuleResult fail_credit(const FailCredit& operation, const OperationContext& context,
                       LedgerState& state) {
    if (!is_four_letter_code(operation.reason)) {
        return fail(Refusal(LedgerError::bad_reason));
    }
    auto remittance = state.remittance(operation.uetr);
    if (!remittance) {
        return fail(Refusal(LedgerError::remittance_not_found));
    }
    if (remittance->payee_operator != context.signer) {
        return fail(Refusal(LedgerError::not_yours));
    }
    if (remittance->state != RemittanceState::committed) {
        return fail(Refusal(LedgerError::wrong_state));
    }
    remittance->state = RemittanceState::credit_failed;
    remittance->reason = operation.reason;
    remittance->timeline.push_back(
        step_of(RemittanceState::credit_failed, Verb::fail_credit, context));
    state.put(*remittance);
    return Effect{
        .state = remittance->state, .source = remittance->source, .target = remittance->target};
}

}  // namespace remit::ledger
