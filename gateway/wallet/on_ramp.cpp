#include "gateway/wallet/rules.h"

#include "ledger/base/bytes.h"

namespace remit::gateway {

namespace {

constexpr std::uint32_t tries_before_refund = 5;

v1::Transfer movement(const Saga& saga, const std::string& id_prefix) {
    v1::Transfer transfer;
    transfer.set_transfer_id(id_prefix + to_hex(saga.id()));
    transfer.set_debit_account(saga.rail_account());
    transfer.set_credit_account(operator_account(saga.currency()));
    transfer.set_currency(saga.currency());
    transfer.set_amount_minor(saga.amount_minor());
    return transfer;
}

}  // namespace

Action OnRampRules::next(const Saga& saga) const {
    if (saga.step() == v1::SAGA_STEP_COLLECT) {
        return Action::at_rail(RailName::own, movement(saga, "on-ramp/"));
    }
    if (saga.step() == v1::SAGA_STEP_CANCEL) {
        auto back = movement(saga, "on-ramp-back/");
        back.mutable_debit_account()->swap(*back.mutable_credit_account());
        return Action::at_rail(RailName::own, std::move(back));
    }
    if (saga.step() != v1::SAGA_STEP_FUND) {
        return Action::wait();
    }
    remit::v1::Operation operation;
    auto& fund = *operation.mutable_fund_wallet();
    fund.set_asset_id(saga.asset_id());
    fund.set_tag(saga.tag());
    fund.set_amount_minor(saga.amount_minor());
    fund.set_fiat_reference(saga.rail_reference());
    return Action::at_ledger(std::move(operation));
}

void OnRampRules::on_rail(Saga& saga, const v1::TransferResult& result,
                          StepContext& context) const {
    const bool rejected = result.outcome() == v1::TRANSFER_OUTCOME_REJECTED;
    if (saga.step() == v1::SAGA_STEP_CANCEL) {
        finish(saga, rejected ? v1::SAGA_STEP_PARKED : v1::SAGA_STEP_REFUSED, context);
        return;
    }
    if (rejected) {
        saga.set_reason(result.reason());
        saga.set_note("the rail refused the deposit: " + result.reason());
        finish(saga, v1::SAGA_STEP_REFUSED, context);
        return;
    }
    saga.set_rail_reference(result.entry_reference());
    saga.set_booking_date(result.booking_date());
    enter(saga, v1::SAGA_STEP_FUND);
}

void OnRampRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                             StepContext& context) const {
    note_receipt(saga, receipt);
    if (!receipt.has_refusal()) {
        auto& ramps = context.ramps[saga.asset_id()];
        ramps.set_on_ramped_minor(ramps.on_ramped_minor() + saga.amount_minor());
        finish(saga, v1::SAGA_STEP_DONE, context);
        return;
    }
    const bool passing = is_refused_as(receipt, {"RESERVE_EXCEEDED", "ATTESTATION_STALE"});
    if (passing && saga.tries() < tries_before_refund) {
        back_off(saga, receipt.refusal().meaning(), context);
        return;
    }
    // The customer's money must not wait for tokens that do not come.
    saga.set_reason(receipt.refusal().iso_reason());
    enter(saga, v1::SAGA_STEP_CANCEL);
}

}  // namespace remit::gateway
