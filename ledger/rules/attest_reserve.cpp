#include "ledger/rules/attest_reserve.h"

#include "ledger/rules/attestation.h"
#include "ledger/rules/standing.h"

namespace remit::ledger {

RuleResult attest_reserve(const AttestReserve& operation, const OperationContext& context,
                          LedgerState& state) {
    TRY_ASSIGN(
        const AttestedFigure attested,
        attested_figure(operation, digest_of(operation), keys::CashBook::reserve, context, state));
    const Minor figure = attested.figure;
    const Effect effect{
        .state = RemittanceState::none, .source = {operation.asset, figure}, .target = {}};
    if (attested.is_retry) {
        return effect;
    }
    Position position = state.position(operation.participant, operation.asset);
    position.reserve = figure;
    position.reserve_attested = {.as_of_height = operation.as_of_height, .at = context.time};
    state.put(position);
    if (operation.kind == AttestationKind::release &&
        !is_safeguarded(state, operation.participant, operation.asset)) {
        return fail(Refusal(LedgerError::reserve_exceeded, operation.participant));
    }
    review_standing(state, operation.participant, operation.asset, state.policy());
    return effect;
}

}  // namespace remit::ledger
