#include "gateway/wallet/rules.h"

namespace remit::gateway {

namespace {

remit::v1::Operation defund(const Saga& saga, remit::v1::DefundStep step) {
    remit::v1::Operation operation;
    auto& out = *operation.mutable_defund_wallet();
    out.set_step(step);
    out.set_payout_id(saga.id());
    if (step == remit::v1::DEFUND_STEP_LOCK) {
        out.set_asset_id(saga.asset_id());
        out.set_tag(saga.tag());
        out.set_amount_minor(saga.amount_minor());
    }
    if (step == remit::v1::DEFUND_STEP_FINAL) {
        out.set_rail_reference(saga.rail_reference());
    }
    return operation;
}

v1::Transfer payout(const Saga& saga) {
    v1::Transfer transfer;
    transfer.set_transfer_id("off-ramp/" + uuid_text(saga.id()));
    transfer.set_debit_account(operator_account(saga.currency()));
    transfer.set_credit_account(saga.rail_account());
    transfer.set_currency(saga.currency());
    transfer.set_amount_minor(saga.amount_minor());
    return transfer;
}

v1::Break unended_break(const Saga& saga, const remit::v1::Receipt& receipt, std::int64_t now_ms) {
    v1::Break item;
    item.set_break_id("off-ramp/" + uuid_text(saga.id()));
    item.set_break_class(v1::BREAK_CLASS_STATUS_DIFF);
    item.set_owner("operator back office");
    item.set_subject(uuid_text(saga.id()));
    item.set_currency(saga.currency());
    item.set_amount_minor(saga.amount_minor());
    item.set_opened_at_ms(now_ms);
    item.set_detail("the ledger did not end the payout: " + receipt.refusal().name());
    return item;
}

}  // namespace

Action OffRampRules::next(const Saga& saga) const {
    switch (static_cast<int>(saga.step())) {
        case v1::SAGA_STEP_LOCK:
#ifdef SIM_BUG_payout_before_claim
            if (saga.rail_reference().empty()) {
                return Action::at_rail(RailName::own, payout(saga));
            }
#endif
            return Action::at_ledger(defund(saga, remit::v1::DEFUND_STEP_LOCK));
        case v1::SAGA_STEP_FINAL:
            return Action::at_ledger(defund(saga, remit::v1::DEFUND_STEP_FINAL));
        case v1::SAGA_STEP_CANCEL:
            return Action::at_ledger(defund(saga, remit::v1::DEFUND_STEP_CANCEL));
        case v1::SAGA_STEP_PAY:
            return Action::at_rail(RailName::own, payout(saga));
        default:
            return Action::wait();
    }
}

void OffRampRules::on_rail(Saga& saga, const v1::TransferResult& result,
                           StepContext& /*context*/) const {
    if (result.outcome() == v1::TRANSFER_OUTCOME_REJECTED) {
        saga.set_reason(result.reason());
        enter(saga, v1::SAGA_STEP_CANCEL);
        return;
    }
    saga.set_rail_reference(result.entry_reference());
#ifdef SIM_BUG_payout_before_claim
    if (saga.step() == v1::SAGA_STEP_LOCK) {
        enter(saga, v1::SAGA_STEP_LOCK);
        return;
    }
#endif
    enter(saga, v1::SAGA_STEP_FINAL);
}

void OffRampRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                              StepContext& context) const {
    note_receipt(saga, receipt);
    if (saga.step() == v1::SAGA_STEP_LOCK) {
        if (receipt.has_refusal()) {
            finish(saga, v1::SAGA_STEP_REFUSED, context);
        } else {
            enter(saga, v1::SAGA_STEP_PAY);
        }
        return;
    }
    if (receipt.has_refusal()) {
        // Money has moved at the rail, or has not: either way the lock must end.
        const bool hopeless = is_refused_as(receipt, {"WRONG_STATE", "PAYOUT_NOT_FOUND"});
        if (hopeless) {
            context.breaks.push_back(unended_break(saga, receipt, context.now_ms));
            finish(saga, v1::SAGA_STEP_PARKED, context);
        } else {
            back_off(saga, receipt.refusal().meaning(), context);
        }
        return;
    }
    const bool paid = saga.step() == v1::SAGA_STEP_FINAL;
    if (paid) {
        auto& ramps = context.ramps[saga.asset_id()];
        ramps.set_paid_out_minor(ramps.paid_out_minor() + saga.amount_minor());
    } else {
        saga.set_note("the rail refused the payout: " + saga.reason());
    }
    finish(saga, paid ? v1::SAGA_STEP_DONE : v1::SAGA_STEP_REFUSED, context);
}

}  // namespace remit::gateway
