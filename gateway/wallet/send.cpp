#include "gateway/wallet/rules.h"

namespace remit::gateway {

namespace {

bool is_over(const std::string& state) {
    return state == "CREDITED" || state == "REJECTED" || state == "EXPIRED" ||
           state == "RETURNED" || state == "PARTLY_RETURNED" || state == "BLOCKED";
}

}  // namespace

Action SendRules::next(const Saga& saga) const {
    if (saga.step() == v1::SAGA_STEP_QUOTE || saga.step() == v1::SAGA_STEP_RECHECK) {
        return Action::ask();
    }
    if (saga.step() != v1::SAGA_STEP_PREPARE) {
        return Action::wait();
    }
    remit::v1::Operation operation;
    *operation.mutable_prepare() = saga.prepare();
    return Action::at_ledger(std::move(operation));
}

void SendRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                           StepContext& context) const {
    note_receipt(saga, receipt);
    if (is_refused_as(receipt, {"ID_REUSED", "REFERENCE_USED"})) {
        // An older envelope with this UETR took effect: see what it did before saying anything.
        enter(saga, v1::SAGA_STEP_RECHECK);
        return;
    }
    if (receipt.has_refusal()) {
        saga.set_state("REFUSED");
        finish(saga, v1::SAGA_STEP_REFUSED, context);
        return;
    }
    on_state(saga, receipt.state().empty() ? "PREPARED" : receipt.state(), context);
}

void SendRules::on_state(Saga& saga, const std::string& state, StepContext& context) {
    if (is_at_rest(saga)) {
        // CREDITED is final for the customer; a return that follows is only noted.
        saga.set_state(state);
        return;
    }
    saga.set_state(state);
    if (saga.prepared_at_ms() == 0) {
        saga.set_prepared_at_ms(context.now_ms);
    }
    if (saga.committed_at_ms() == 0 && (state == "COMMITTED" || state == "CREDITED")) {
        saga.set_committed_at_ms(context.now_ms);
    }
    if (is_over(state)) {
        finish(saga, v1::SAGA_STEP_DONE, context);
    } else {
        enter(saga, v1::SAGA_STEP_WATCH);
    }
}

}  // namespace remit::gateway
