#include "gateway/bank/rules.h"
#include "gateway/connectors/clearing_accounts.h"
#include "ledger/base/codec.h"

namespace remit::gateway {

namespace {

remit::v1::Operation confirm_of(const Saga& saga) {
    remit::v1::Operation operation;
    auto& confirm = *operation.mutable_settle_confirm();
    confirm.set_window_id(saga.window_id());
    confirm.set_participant_id(saga.participant_id());
    confirm.set_asset_id(saga.asset_id());
    *confirm.mutable_entries() = saga.entries();
    confirm.set_source(saga.source());
    return operation;
}

remit::v1::Operation failure_of(const Saga& saga) {
    remit::v1::Operation operation;
    auto& failure = *operation.mutable_settle_fail();
    failure.set_window_id(saga.window_id());
    failure.set_participant_id(saga.participant_id());
    failure.set_asset_id(saga.asset_id());
    return operation;
}

v1::Transfer movement(const Saga& saga) {
    v1::Transfer transfer;
    const auto leg = leg_of(saga);
    const auto clearing = clearing_account(saga.currency());
    if (saga.step() == v1::SAGA_STEP_DRAW) {
        transfer.set_transfer_id(draw_id(leg));
        transfer.set_debit_account(cash_account("cover", leg.participant, leg.currency));
        transfer.set_credit_account(clearing);
        transfer.set_amount_minor(saga.drawn_minor());
    } else {
        transfer.set_transfer_id(saga.pay_out() ? pay_out_id(leg) : pay_in_id(leg));
        transfer.set_debit_account(saga.pay_out() ? clearing : saga.rail_account());
        transfer.set_credit_account(saga.pay_out() ? saga.rail_account() : clearing);
        transfer.set_amount_minor(saga.amount_minor());
    }
    transfer.set_currency(saga.currency());
    return transfer;
}

void confirm_refused(Saga& saga, const remit::v1::Receipt& receipt, StepContext& context) {
    if (is_refused_as(receipt, {"REFERENCE_USED", "LEG_NOT_DUE"})) {
        enter(saga, v1::SAGA_STEP_RECHECK);
    } else if (is_refused_as(receipt, {"AMOUNT_DIFFERS", "BAD_SOURCE"})) {
        // What the ledger holds due and what the bank booked are two things: wait for entries that
        // fit, never confirm a part.
        context.breaks.push_back(leg_break(
            saga, v1::BREAK_CLASS_AMOUNT_DIFF,
            "the ledger refused the confirmation: " + receipt.refusal().name(), context.now_ms));
        saga.clear_entries();
        enter(saga, v1::SAGA_STEP_ENTRIES);
        back_off(saga, receipt.refusal().meaning(), context);
    } else {
        back_off(saga, receipt.refusal().meaning(), context);
    }
}

}  // namespace

Bytes leg_id(std::uint64_t window, std::uint32_t participant, std::uint32_t asset) {
    return Writer().u64(window).u32(participant).u32(asset).take();
}

v1::Break leg_break(const Saga& saga, v1::BreakClass break_class, std::string detail,
                    std::int64_t now_ms) {
    v1::Break item;
    item.set_break_id("leg/" + leg_text(leg_of(saga)));
    item.set_break_class(break_class);
    item.set_owner("settlement desk");
    item.set_subject("window " + leg_text(leg_of(saga)));
    item.set_currency(saga.currency());
    item.set_amount_minor(saga.amount_minor());
    item.set_opened_at_ms(now_ms);
    item.set_detail(std::move(detail));
    return item;
}

Action SubmitRules::next(const Saga& saga) const {
    return saga.step() == v1::SAGA_STEP_SUBMIT ? Action::at_ledger(saga.operation())
                                               : Action::wait();
}

Action LegRules::next(const Saga& saga) const {
    switch (static_cast<int>(saga.step())) {
        case v1::SAGA_STEP_INSTRUCT:
        case v1::SAGA_STEP_DRAW:
            return Action::at_rail(RailName::own, movement(saga));
        case v1::SAGA_STEP_CONFIRM:
            return Action::at_ledger(confirm_of(saga));
        case v1::SAGA_STEP_FAIL:
            return Action::at_ledger(failure_of(saga));
        case v1::SAGA_STEP_RECHECK:
            return Action::ask();
        default:
            return Action::wait();
    }
}

void LegRules::on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const {
    const bool rejected = result.outcome() == v1::TRANSFER_OUTCOME_REJECTED;
    if (saga.step() == v1::SAGA_STEP_DRAW && !rejected) {
        finish(saga, v1::SAGA_STEP_DONE, context);
        return;
    }
    if (!rejected) {
        saga.set_rail_reference(result.entry_reference());
        enter(saga, v1::SAGA_STEP_ENTRIES);
        return;
    }
    context.breaks.push_back(leg_break(saga, v1::BREAK_CLASS_STATUS_DIFF,
                                       "the rail refused the movement: " + result.reason(),
                                       context.now_ms));
    if (saga.step() == v1::SAGA_STEP_INSTRUCT && !saga.pay_out()) {
        enter(saga, v1::SAGA_STEP_ENTRIES);  // money may come another way; else the deadline acts
    } else {
        finish(saga, v1::SAGA_STEP_PARKED, context);
    }
}

void LegRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                          StepContext& context) const {
    const bool failing = saga.step() == v1::SAGA_STEP_FAIL;
    note_receipt(saga, receipt);
    if (receipt.has_refusal()) {
        if (failing && is_refused_as(receipt, {"LEG_NOT_DUE"})) {
            enter(saga, v1::SAGA_STEP_RECHECK);
        } else if (failing) {
            back_off(saga, receipt.refusal().meaning(), context);
        } else {
            confirm_refused(saga, receipt, context);
        }
        return;
    }
    auto closed = leg_break(saga, v1::BREAK_CLASS_TIMING, "settled", context.now_ms);
    closed.set_closed_at_ms(context.now_ms);
    context.breaks.push_back(std::move(closed));
    if (failing) {
        saga.set_state("DRAWN");
        enter(saga, v1::SAGA_STEP_RECHECK);
    } else {
        finish(saga, v1::SAGA_STEP_DONE, context);
    }
}

}  // namespace remit::gateway
