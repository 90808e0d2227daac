#include "ledger/rules/return_prepare.h"

#include "ledger/rules/route.h"

namespace remit::ledger {

namespace {
constexpr std::int64_t day_ms = 86'400'000;
/// Each attempt leaves two steps in the remittance's record. Who lets a hundred expire is not about
/// to return anything, but would make everybody carry an ever longer record.
constexpr std::size_t timeline_steps_max = 200;

bool can_be_returned(RemittanceState state) {
    return state == RemittanceState::committed || state == RemittanceState::credited ||
           state == RemittanceState::credit_failed || state == RemittanceState::partly_returned;
}

/// How much of the target has been returned before and after this return.
struct Progress {
    Minor before = 0;
    Minor after = 0;
    Minor whole = 0;
};

/// The part of `amount` that falls to this return: the difference of two floors of the running
/// total, so that all parts together are exactly the amount.
Minor part_of(Minor amount, const Progress& progress) {
    const auto floor_at = [&](Minor returned) {
        return static_cast<Minor>(Wide{amount} * returned / progress.whole);
    };
    return floor_at(progress.after) - floor_at(progress.before);
}

Status<LedgerError> check_amounts(const ReturnPrepare& operation, const Remittance& remittance) {
    TRY(check_amount(operation.target));
    TRY(check_amount(operation.source));
#ifndef SIM_BUG_return_unbounded
    if (operation.target > remittance.target.minor - remittance.returned_target ||
        operation.source > remittance.source.minor - remittance.returned_source) {
        return fail(LedgerError::return_exceeds);
    }
#endif
    const Progress progress{.before = remittance.returned_target,
                            .after = remittance.returned_target + operation.target,
                            .whole = remittance.target.minor};
    if (operation.source != part_of(remittance.source.minor, progress)) {
        return fail(LedgerError::amount_differs);
    }
    return {};
}

/// A maker restores the original rate as long as its quote said, not longer: the return's deadline
/// lies within that time, or waiting for it would lengthen the maker's risk.
Status<Refusal> check_return_right(const Remittance& remittance, BlockTime deadline) {
    for (const Exchange& exchange : remittance.exchanges) {
        const Wide last = Wide{remittance.committed_at.ms} + Wide{exchange.return_days} * day_ms;
        if (deadline.ms > last) {
            return fail(Refusal(LedgerError::return_right_passed, exchange.maker));
        }
    }
    return {};
}

std::vector<Exchange> exchanges_back(const Remittance& remittance, const Progress& progress) {
    std::vector<Exchange> out = remittance.exchanges;
    for (Exchange& exchange : out) {
        exchange.source.minor = part_of(exchange.source.minor, progress);
        exchange.target.minor = part_of(exchange.target.minor, progress);
    }
    return out;
}

/// So small a part that a maker between two others would get nothing for it.
Status<LedgerError> check_delivery(const Return& movement) {
    for (const Exchange& exchange : movement.exchanges) {
        if (exchange.source.minor == 0 || exchange.target.minor == 0) {
            return fail(LedgerError::below_min_delivery);
        }
    }
    return {};
}

Status<Refusal> take_liquidity(const Remittance& remittance, const Return& movement,
                               LedgerState& state) {
    const AccountId payee = movement.operator_bears
                                ? own_account(remittance.payee_operator, remittance.target.asset,
                                              AccountKind::settlement)
                                : payee_account(remittance);
    TRY(post(state,
             {.debit = payee, .credit = escrow_of_payee(remittance), .amount = movement.target}));
    TRY(reserve_route(state, return_route(remittance, movement)));
    if (movement.operator_bears &&
        !is_safeguarded(state, remittance.payee_operator, remittance.target.asset)) {
        return fail(Refusal(LedgerError::reserve_exceeded));
    }
    return {};
}

Result<Remittance, Refusal> returnable(const ReturnPrepare& operation,
                                       const OperationContext& context, const StateReader& state) {
    auto remittance = state.remittance(operation.uetr);
    if (!remittance) {
        return fail(Refusal(LedgerError::remittance_not_found));
    }
    if (remittance->payee_operator != context.signer) {
        return fail(Refusal(LedgerError::not_yours));
    }
    if (!can_be_returned(remittance->state) || remittance->timeline.size() >= timeline_steps_max) {
        return fail(Refusal(LedgerError::wrong_state));
    }
    if (!operation.operator_bears) {
        TRY(check_debit_allowed(state, payee_account(*remittance)));
    }
    TRY(check_amounts(operation, *remittance));
    TRY(check_return_right(*remittance, operation.expires_at));
    return *std::move(remittance);
}

Status<LedgerError> check_fields(const ReturnPrepare& operation, const OperationContext& context,
                                 const StateReader& state) {
    if (!is_four_letter_code(operation.reason)) {
        return fail(LedgerError::bad_reason);
    }
    if (operation.mode != ReturnMode::same_rate) {
        return fail(LedgerError::not_supported);
    }
    if (operation.expires_at <= context.time ||
        operation.expires_at.ms - context.time.ms > state.policy().return_life_max_ms) {
        return fail(LedgerError::bad_deadline);
    }
    return {};
}

Effect effect_of(RemittanceState now, const Remittance& remittance, const Return& movement) {
    return {.state = now,
            .source = {remittance.source.asset, movement.source},
            .target = {remittance.target.asset, movement.target}};
}
}  // namespace

RuleResult return_prepare(const ReturnPrepare& operation, const OperationContext& context,
                          LedgerState& state) {
    if (operation.return_id.is_zero()) {
        return fail(Refusal(LedgerError::bad_reference));
    }
    const Hash body = digest_of(operation);
    if (const auto known = state.return_movement(operation.return_id)) {
        const auto remittance = state.remittance(known->uetr);
        const bool same =
            known->body == body && remittance && remittance->payee_operator == context.signer;
        if (!same) {
            return fail(Refusal(LedgerError::id_reused));
        }
        return effect_of(remittance->state, *remittance, *known);
    }
    TRY(check_fields(operation, context, state));
    TRY_ASSIGN(Remittance remittance, returnable(operation, context, state));
    Return movement;
    movement.return_id = operation.return_id;
    movement.uetr = operation.uetr;
    movement.body = body;
    movement.source = operation.source;
    movement.target = operation.target;
    movement.exchanges =
        exchanges_back(remittance, {.before = remittance.returned_target,
                                    .after = remittance.returned_target + operation.target,
                                    .whole = remittance.target.minor});
    movement.mode = operation.mode;
    movement.reason = operation.reason;
    movement.operator_bears = operation.operator_bears;
    movement.expires_at = operation.expires_at;
    TRY(check_delivery(movement));
    TRY(take_liquidity(remittance, movement, state));

    const TimelineStep step =
        step_of(RemittanceState::return_pending, Verb::return_prepare, context);
    movement.timeline.push_back(step);
    state.put(movement);
    state.add_expiry(movement.expires_at, keys::ExpiryKind::return_movement, movement.return_id);
    remittance.before_return = remittance.state;
    remittance.state = RemittanceState::return_pending;
    remittance.pending_return = movement.return_id;
    remittance.timeline.push_back(step);
    state.put(remittance);
    return effect_of(remittance.state, remittance, movement);
}

}  // namespace remit::ledger
