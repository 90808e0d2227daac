#include "gateway/wallet/rules.h"

namespace remit::gateway {

std::string operator_account(const std::string& currency) {
    return "operator/" + currency;
}

std::string customer_account(const std::string& name, const std::string& currency) {
    return "customer/" + name + "/" + currency;
}

Action OpenWalletRules::next(const Saga& saga) const {
    if (saga.step() == v1::SAGA_STEP_RAIL_ACCOUNT) {
        return Action::ask();
    }
    if (saga.step() != v1::SAGA_STEP_OPEN) {
        return Action::wait();
    }
    remit::v1::Operation operation;
    operation.mutable_open_account()->set_asset_id(saga.asset_id());
    operation.mutable_open_account()->set_tag(saga.tag());
    return Action::at_ledger(std::move(operation));
}

void OpenWalletRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                                 StepContext& context) const {
    note_receipt(saga, receipt);
    // The tag is 16 random bytes of ours: if it is open, a former life of this saga opened it.
    const bool open = !receipt.has_refusal() || is_refused_as(receipt, {"ACCOUNT_EXISTS"});
    if (open) {
        saga.clear_refusal();
    }
    finish(saga, open ? v1::SAGA_STEP_DONE : v1::SAGA_STEP_REFUSED, context);
}

}  // namespace remit::gateway
