#include "ledger/rules/accept.h"

#include "ledger/rules/route.h"

namespace remit::ledger {

namespace {
Status<Refusal> check_operating(const StateReader& state, ParticipantId id) {
    const auto found = state.participant(id);
    if (!found || !is_operating(*found)) {
        return fail(Refusal(LedgerError::participant_suspended, id));
    }
    return {};
}

Status<Refusal> check_sides(const Remittance& remittance, const StateReader& state) {
    TRY(check_operating(state, remittance.payee_operator));
    TRY(check_operating(state, remittance.payer_operator));
    for (const Exchange& exchange : remittance.exchanges) {
        TRY(check_operating(state, exchange.maker));
    }
    for (const Fee& fee : remittance.fees) {
        const auto owner = state.participant(fee.participant);
        if (!owner || owner->status == ParticipantStatus::exited) {
            return fail(Refusal(LedgerError::participant_suspended, fee.participant));
        }
    }
    // A freeze after prepare stops the accept, not the way home.
    TRY(check_credit_allowed(state, payee_account(remittance)));
    if (const auto payer = check_debit_allowed(state, payer_account(remittance)); !payer) {
        return fail(Refusal(payer.error(), remittance.payer_operator));
    }
    return {};
}
}  // namespace

RuleResult accept(const Accept& operation, const OperationContext& context, LedgerState& state) {
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
    TRY(check_sides(*remittance, state));
    TRY(commit_reserved_route(state, commit_route(*remittance)));

    state.remove_expiry(remittance->expires_at, keys::ExpiryKind::remittance, remittance->uetr);
    remittance->state = RemittanceState::committed;
    remittance->payee_screening = operation.screening;
    remittance->window = state.windows().open;
    remittance->committed_at = context.time;
    remittance->timeline.push_back(step_of(RemittanceState::committed, Verb::accept, context));
    state.put(*remittance);
    return Effect{
        .state = remittance->state, .source = remittance->source, .target = remittance->target};
}

}  // namespace remit::ledger
