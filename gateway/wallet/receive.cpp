#include "gateway/wallet/rules.h"

namespace remit::gateway {

namespace {

remit::v1::Operation accept_of(const Saga& saga) {
    remit::v1::Operation operation;
    operation.mutable_accept()->set_uetr(saga.id());
    operation.mutable_accept()->mutable_screening()->set_list_hash(saga.screening_hash());
    return operation;
}

remit::v1::Operation confirm_of(const Saga& saga) {
    remit::v1::Operation operation;
    auto& confirm = *operation.mutable_confirm_credit();
    confirm.set_uetr(saga.id());
    confirm.set_credit_reference(saga.pay_out() ? saga.rail_reference()
                                                : "wallet-" + to_hex(saga.id()));
    confirm.set_paid_out(saga.pay_out());
    return operation;
}

/// The customer's fiat wallet is credited under the UETR itself: the rail pays it once for ever.
v1::Transfer credit_of(const Saga& saga) {
    v1::Transfer transfer;
    transfer.set_transfer_id(uuid_text(saga.id()));
    transfer.set_uetr(uuid_text(saga.id()));
    transfer.set_debit_account(operator_account(saga.currency()));
    transfer.set_credit_account(saga.rail_account());
    transfer.set_currency(saga.currency());
    transfer.set_amount_minor(saga.amount_minor());
    return transfer;
}

Saga return_of(const Saga& saga) {
    Saga back;
    back.set_kind(v1::SAGA_KIND_GIVE_BACK);
    back.set_id(derived_uuid("return", saga.id()));
    back.set_uetr(saga.id());
    back.set_step(v1::SAGA_STEP_RECHECK);
    back.mutable_give_back()->set_return_id(back.id());
    back.mutable_give_back()->set_uetr(saga.id());
    back.mutable_give_back()->set_mode(remit::v1::RETURN_MODE_SAME_RATE);
    back.mutable_give_back()->set_reason(saga.reason());
    return back;
}

/// Both legs are posted in a finalised block: only now may anything be paid outside.
void committed(Saga& saga) {
    if (saga.pay_out() && saga.rail_reference().empty()) {
        enter(saga, v1::SAGA_STEP_CREDIT);
    } else {
        enter(saga, v1::SAGA_STEP_CONFIRM);
    }
}

void credited(Saga& saga, StepContext& context) {
    if (saga.pay_out()) {
        auto& ramps = context.ramps[saga.asset_id()];
        ramps.set_paid_out_minor(ramps.paid_out_minor() + saga.amount_minor());
    }
    finish(saga, v1::SAGA_STEP_DONE, context);
}

/// The customer has the money and the ledger does not say so: a person must see why.
v1::Break unconfirmed_break(const Saga& saga, const remit::v1::Receipt& receipt,
                            std::int64_t now_ms) {
    v1::Break item;
    item.set_break_id("confirm/" + uuid_text(saga.id()));
    item.set_break_class(v1::BREAK_CLASS_STATUS_DIFF);
    item.set_owner("operator back office");
    item.set_subject(uuid_text(saga.id()));
    item.set_currency(saga.currency());
    item.set_amount_minor(saga.amount_minor());
    item.set_opened_at_ms(now_ms);
    item.set_detail("the credit is not confirmed: " + receipt.refusal().name());
    return item;
}

void accept_refused(Saga& saga, const remit::v1::Receipt& receipt, StepContext& context) {
    if (is_refused_as(receipt, {"ACCOUNT_CLOSED", "ACCOUNT_FROZEN", "WRONG_ACCOUNT"})) {
        saga.set_reason(receipt.refusal().iso_reason());
        enter(saga, v1::SAGA_STEP_REJECT);
    } else if (is_refused_as(receipt, {"LATE_ACCEPT"})) {
        ReceiveRules::on_state(saga, "EXPIRED", context);
    } else if (is_refused_as(receipt, {"WRONG_STATE"})) {
        enter(saga, v1::SAGA_STEP_RECHECK);
    } else {
        // Cover fell, a window closed, a suspension: it stays PREPARED and may pass until it
        // expires, which ends this saga by the ledger's own event.
        back_off(saga, receipt.refusal().meaning(), context);
    }
}

}  // namespace

Action ReceiveRules::next(const Saga& saga) const {
    switch (static_cast<int>(saga.step())) {
        case v1::SAGA_STEP_ACCEPT:
#ifdef SIM_BUG_credit_before_commit
            if (saga.pay_out() && saga.rail_reference().empty()) {
                return Action::at_rail(RailName::own, credit_of(saga));
            }
#endif
            return Action::at_ledger(accept_of(saga));
        case v1::SAGA_STEP_CREDIT:
            return Action::at_rail(RailName::own, credit_of(saga));
        case v1::SAGA_STEP_CONFIRM:
            return Action::at_ledger(confirm_of(saga));
        case v1::SAGA_STEP_REJECT: {
            remit::v1::Operation operation;
            operation.mutable_reject()->set_uetr(saga.id());
            operation.mutable_reject()->set_reason(saga.reason());
            return Action::at_ledger(std::move(operation));
        }
        case v1::SAGA_STEP_FAIL: {
            remit::v1::Operation operation;
            operation.mutable_fail_credit()->set_uetr(saga.id());
            operation.mutable_fail_credit()->set_reason(saga.reason());
            return Action::at_ledger(std::move(operation));
        }
        case v1::SAGA_STEP_RECHECK:
            return Action::ask();
        default:
            return Action::wait();
    }
}

void ReceiveRules::on_rail(Saga& saga, const v1::TransferResult& result,
                           StepContext& /*context*/) const {
    if (result.outcome() == v1::TRANSFER_OUTCOME_REJECTED) {
        saga.set_reason(result.reason());
        enter(saga, v1::SAGA_STEP_FAIL);
        return;
    }
    saga.set_rail_reference(result.entry_reference());
    saga.set_booking_date(result.booking_date());
#ifdef SIM_BUG_credit_before_commit
    if (saga.step() == v1::SAGA_STEP_ACCEPT) {
        enter(saga, v1::SAGA_STEP_ACCEPT);
        return;
    }
#endif
    enter(saga, v1::SAGA_STEP_CONFIRM);
}

void ReceiveRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                              StepContext& context) const {
    const auto step = saga.step();
    note_receipt(saga, receipt);
    if (step == v1::SAGA_STEP_ACCEPT) {
        if (receipt.has_refusal()) {
            accept_refused(saga, receipt, context);
        } else {
            on_state(saga, "COMMITTED", context);
        }
        return;
    }
    if (!receipt.has_refusal()) {
        if (step == v1::SAGA_STEP_REJECT) {
            on_state(saga, "REJECTED", context);
        } else if (step == v1::SAGA_STEP_CONFIRM) {
            on_state(saga, "CREDITED", context);
        } else if (step == v1::SAGA_STEP_FAIL) {
            on_state(saga, "CREDIT_FAILED", context);
        }
        return;
    }
    if (is_refused_as(receipt, {"WRONG_STATE", "LATE_ACCEPT"})) {
        enter(saga, v1::SAGA_STEP_RECHECK);
        return;
    }
    if (step == v1::SAGA_STEP_CONFIRM && saga.tries() == 0) {
        context.breaks.push_back(unconfirmed_break(saga, receipt, context.now_ms));
    }
    back_off(saga, receipt.refusal().meaning(), context);
}

void ReceiveRules::on_state(Saga& saga, const std::string& state, StepContext& context) {
    saga.set_state(state);
    const auto step = saga.step();
    if (is_at_rest(saga)) {
        return;
    }
    const bool asked = step == v1::SAGA_STEP_RECHECK;
    if (state == "PREPARED" && asked) {
        enter(saga, saga.reason().empty() ? v1::SAGA_STEP_ACCEPT : v1::SAGA_STEP_REJECT);
    } else if (state == "COMMITTED" && asked && !saga.reason().empty()) {
        enter(saga, v1::SAGA_STEP_FAIL);
    } else if (state == "COMMITTED" && (asked || step == v1::SAGA_STEP_ACCEPT)) {
        committed(saga);
    } else if (state == "CREDITED") {
        credited(saga, context);
    } else if (state == "CREDIT_FAILED") {
        context.spawned.push_back(return_of(saga));
        finish(saga, v1::SAGA_STEP_DONE, context);
    } else if (state != "PREPARED" && state != "COMMITTED") {
        finish(saga, v1::SAGA_STEP_DONE, context);
    }
}

}  // namespace remit::gateway
