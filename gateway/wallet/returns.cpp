#include "gateway/wallet/rules.h"

namespace remit::gateway {

Action GiveBackRules::next(const Saga& saga) const {
    if (saga.step() == v1::SAGA_STEP_RECHECK) {
        return Action::ask();
    }
    if (saga.step() != v1::SAGA_STEP_RETURN_PREPARE) {
        return Action::wait();
    }
    remit::v1::Operation operation;
    *operation.mutable_return_prepare() = saga.give_back();
    return Action::at_ledger(std::move(operation));
}

void GiveBackRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                               StepContext& context) const {
    note_receipt(saga, receipt);
    if (!receipt.has_refusal()) {
        enter(saga, v1::SAGA_STEP_WATCH);
    } else {
        // The duty to return stands; a person chooses another mode or who bears the loss.
        saga.set_note(receipt.refusal().meaning());
        finish(saga, v1::SAGA_STEP_REFUSED, context);
    }
}

Action TakeBackRules::next(const Saga& saga) const {
    if (saga.step() != v1::SAGA_STEP_RETURN_ACCEPT) {
        return Action::wait();
    }
    remit::v1::Operation operation;
    operation.mutable_return_accept()->set_return_id(saga.id());
    return Action::at_ledger(std::move(operation));
}

void TakeBackRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                               StepContext& context) const {
    note_receipt(saga, receipt);
    if (is_refused_as(receipt, {"NDC_EXCEEDED", "SETTLEMENT_PENDING", "ATTESTATION_STALE"})) {
        back_off(saga, receipt.refusal().meaning(), context);
        return;
    }
    finish(saga, receipt.has_refusal() ? v1::SAGA_STEP_REFUSED : v1::SAGA_STEP_DONE, context);
}

}  // namespace remit::gateway
