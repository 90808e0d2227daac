#include "ledger/rules/return_accept.h"

#include "ledger/base/check.h"
#include "ledger/rules/route.h"

namespace remit::ledger {

namespace {
/// The last step pays the payer; a closed or frozen account diverts it to SUSPENSE.
std::vector<Posting> route_home(const Remittance& remittance, const Return& movement,
                                const StateReader& state) {
    std::vector<Posting> route = return_route(remittance, movement);
    if (!check_credit_allowed(state, payer_account(remittance))) {
        route.back().credit =
            own_account(remittance.payer_operator, remittance.source.asset, AccountKind::suspense);
    }
    return route;
}
}  // namespace

RuleResult return_accept(const ReturnAccept& operation, const OperationContext& context,
                         LedgerState& state) {
    auto movement = state.return_movement(operation.return_id);
    if (!movement) {
        return fail(Refusal(LedgerError::return_not_found));
    }
    auto remittance = state.remittance(movement->uetr);
    CHECK(remittance.has_value());
    if (remittance->payer_operator != context.signer) {
        return fail(Refusal(LedgerError::not_yours));
    }
    const bool expired =
        movement->state == ReturnState::expired ||
        (movement->state == ReturnState::pending && context.time >= movement->expires_at);
    if (expired) {
        return fail(Refusal(LedgerError::late_accept));
    }
    if (movement->state != ReturnState::pending) {
        return fail(Refusal(LedgerError::wrong_state));
    }
    TRY(commit_reserved_route(state, route_home(*remittance, *movement, state)));

    state.remove_expiry(movement->expires_at, keys::ExpiryKind::return_movement,
                        movement->return_id);
    remittance->returned_source += movement->source;
    remittance->returned_target += movement->target;
    CHECK(remittance->returned_source <= remittance->source.minor);
    CHECK(remittance->returned_target <= remittance->target.minor);
    const bool whole = remittance->returned_target == remittance->target.minor;
    CHECK(!whole || remittance->returned_source == remittance->source.minor);
    remittance->state = whole ? RemittanceState::returned : RemittanceState::partly_returned;
    remittance->before_return = RemittanceState::none;
    remittance->pending_return = {};
    const TimelineStep step = step_of(remittance->state, Verb::return_accept, context);
    remittance->timeline.push_back(step);
    state.put(*remittance);
    movement->state = ReturnState::done;
    movement->window = state.windows().open;
    movement->timeline.push_back(step);
    state.put(*movement);
    return Effect{.state = remittance->state,
                  .source = {remittance->source.asset, movement->source},
                  .target = {remittance->target.asset, movement->target}};
}

}  // namespace remit::ledger
