#include "ledger/rules/confirm_credit.h"

#include "ledger/rules/route.h"

namespace remit::ledger {

namespace {
constexpr std::size_t credit_reference_max = 64;
}  // namespace

RuleResult confirm_credit(const ConfirmCredit& operation, const OperationContext& context,
                          LedgerState& state) {
    TRY(check_reference(operation.credit_reference, credit_reference_max));
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
    if (operation.paid_out) {
        const AccountId payee = payee_account(*remittance);
        TRY(check_debit_allowed(state, payee));
        TRY(post(state, {.debit = payee,
                         .credit = own_account(remittance->payee_operator, remittance->target.asset,
                                               AccountKind::settlement),
                         .amount = remittance->target.minor}));
    }
    remittance->state = RemittanceState::credited;
    remittance->credit_reference = operation.credit_reference;
    remittance->paid_out = operation.paid_out;
    remittance->timeline.push_back(
        step_of(RemittanceState::credited, Verb::confirm_credit, context));
    state.put(*remittance);
    return Effect{
        .state = remittance->state, .source = remittance->source, .target = remittance->target};
}

}  // namespace remit::ledger
