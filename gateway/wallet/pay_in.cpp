#include "gateway/connectors/clearing_accounts.h"
#include "gateway/wallet/rules.h"

namespace remit::gateway {

Action PayInRules::next(const Saga& saga) const {
    if (saga.step() != v1::SAGA_STEP_INSTRUCT) {
        return Action::wait();
    }
    v1::Transfer transfer;
    transfer.set_transfer_id(pay_in_id(leg_of(saga)));
    transfer.set_debit_account(saga.rail_account());
    transfer.set_credit_account(clearing_account(saga.currency()));
    transfer.set_currency(saga.currency());
    transfer.set_amount_minor(saga.amount_minor());
    return Action::at_rail(RailName::clearing, std::move(transfer));
}

void PayInRules::on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const {
    saga.set_rail_reference(result.entry_reference());
    saga.set_reason(result.reason());
    if (result.outcome() != v1::TRANSFER_OUTCOME_REJECTED) {
        finish(saga, v1::SAGA_STEP_DONE, context);
        return;
    }
    v1::Break item;
    item.set_break_id("pay_in/" + pay_in_id(leg_of(saga)));
    item.set_break_class(v1::BREAK_CLASS_STATUS_DIFF);
    item.set_owner("treasury");
    item.set_subject(pay_in_id(leg_of(saga)));
    item.set_currency(saga.currency());
    item.set_amount_minor(saga.amount_minor());
    item.set_opened_at_ms(context.now_ms);
    item.set_detail("the bank's rail refused our pay-in: " + result.reason() +
                    "; after the deadline the bank draws our cover");
    context.breaks.push_back(std::move(item));
    finish(saga, v1::SAGA_STEP_PARKED, context);
}

}  // namespace remit::gateway
