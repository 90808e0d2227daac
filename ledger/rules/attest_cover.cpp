#include "ledger/rules/attest_cover.h"

#include <algorithm>

#include "ledger/rules/attestation.h"
#include "ledger/rules/standing.h"

namespace remit::ledger {

RuleResult attest_cover(const AttestCover& operation, const OperationContext& context,
                        LedgerState& state) {
    TRY_ASSIGN(
        const AttestedFigure attested,
        attested_figure(operation, digest_of(operation), keys::CashBook::cover, context, state));
    const Minor figure = attested.figure;
    const Effect effect{
        .state = RemittanceState::none, .source = {operation.asset, figure}, .target = {}};
    if (attested.is_retry) {
        return effect;
    }
    const Policy policy = state.policy();
    Position position = state.position(operation.participant, operation.asset);
    const Minor raised = std::max<Minor>(0, figure - position.cover);
    position.cover = figure;
    position.cover_attested = {.as_of_height = operation.as_of_height, .at = context.time};
    if (operation.kind == AttestationKind::release) {
        // The cash has not left yet: it leaves only when what is reserved and owed stays covered.
        if (position.locked > figure || !is_within_cap(position, policy)) {
            return fail(Refusal(LedgerError::ndc_exceeded, operation.participant));
        }
    }
    position.locked = std::min(position.locked, figure);
    const Minor restored = std::min(position.drawn, raised);
    position.drawn -= restored;
    state.put(position);
    if (restored > 0 && !has_drawn_cover(state, operation.participant)) {
        unlock_cover(state, operation.participant);
    }
    review_standing(state, operation.participant, operation.asset, policy);
    return effect;
}

}  // namespace remit::ledger
