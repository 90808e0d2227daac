#include "ledger/rules/reject.h"

#include "ledger/rules/route.h"

namespace remit::ledger {

RuleResult reject(const Reject& operation, const OperationContext& context, LedgerState& state) {
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
    const RemittanceState now = remittance->state_at(context.time);
    if (now == RemittanceState::expired) {
        return fail(Refusal(LedgerError::late_accept));
    }
    if (now != RemittanceState::prepared) {
        return fail(Refusal(LedgerError::wrong_state));
    }
    TRY(release(state, *remittance));
    state.remove_expiry(remittance->expires_at, keys::ExpiryKind::remittance, remittance->uetr);
    remittance->state = RemittanceState::rejected;
    remittance->reason = operation.reason;
    remittance->timeline.push_back(step_of(RemittanceState::rejected, Verb::reject, context));
    state.put(*remittance);
    return Effect{
        .state = remittance->state, .source = remittance->source, .target = remittance->target};
}

}  // namespace remit::ledger
