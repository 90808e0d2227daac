#include "gateway/bank/bank_service.h"

#include "gateway/reconciliation/reconciliation.h"
#include "gateway/status_report.h"

namespace remit::gateway {

namespace {

/// What a leg waits for, for the person at the settlement desk.
std::string waiting_for(const Saga& saga) {
    if (!saga.note().empty()) {
        return saga.note();
    }
    switch (static_cast<int>(saga.step())) {
        case v1::SAGA_STEP_ENTRIES:
            return "a booked entry of exactly this amount at the rail";
        case v1::SAGA_STEP_WATCH:
            return "all pay-ins of the window, and cash in the clearing account";
        case v1::SAGA_STEP_INSTRUCT:
        case v1::SAGA_STEP_DRAW:
            return "the rail's answer";
        default:
            return "the ledger";
    }
}

}  // namespace

grpc::Status BankServer::ListMarks(grpc::ServerContext* context,
                                   const v1::ListMarksRequest* /*request*/,
                                   v1::ListMarksResponse* response) {
    const auto turn = parts_.identity.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    for (const auto& mark : parts_.marks.all()) {
        auto& out = *response->add_marks();
        out.set_source_asset_id(mark.source_asset_id());
        out.set_target_asset_id(mark.target_asset_id());
        out.set_pair(parts_.registry.currency_of(mark.source_asset_id()) + "/" +
                     parts_.registry.currency_of(mark.target_asset_id()));
        out.set_mark_id(mark.mark_id());
        *out.mutable_bid() = mark.bid();
        *out.mutable_ask() = mark.ask();
        out.set_valid_from_ms(mark.valid_from_ms());
        out.set_valid_to_ms(mark.valid_to_ms());
        out.set_rate_date(parts_.rates.date);
        out.set_source(parts_.rates.source);
    }
    return grpc::Status::OK;
}

grpc::Status BankServer::ListSettlement(grpc::ServerContext* context,
                                        const v1::ListSettlementRequest* /*request*/,
                                        v1::ListSettlementResponse* response) {
    const auto turn = parts_.identity.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    for (const auto& saga : parts_.engine.live()) {
        if (saga.kind() != v1::SAGA_KIND_LEG) {
            continue;
        }
        auto& leg = *response->add_legs();
        leg.set_window_id(saga.window_id());
        leg.set_participant_id(saga.participant_id());
        leg.set_asset_id(saga.asset_id());
        leg.set_due_minor(saga.pay_out() ? saga.amount_minor() : -saga.amount_minor());
        leg.set_step(name_of(saga.step()));
        leg.set_waiting_for(waiting_for(saga));
        for (const auto& entry : saga.entries()) {
            leg.add_entry_references(entry.entry_reference());
        }
    }
    return grpc::Status::OK;
}

grpc::Status BankServer::PublishNow(grpc::ServerContext* context,
                                    const v1::PublishNowRequest* /*request*/,
                                    v1::PublishNowResponse* response) {
    const auto turn = parts_.identity.enter(*context, parts_.participant);
    if (!turn.ok()) {
        return turn.status();
    }
    response->set_staged(parts_.publisher.poll(parts_.clock.wall_ms(), true));
    return grpc::Status::OK;
}

grpc::Status BankServer::GetBankStatus(grpc::ServerContext* context,
                                       const v1::GetGatewayStatusRequest* /*request*/,
                                       v1::GetGatewayStatusResponse* response) {
    const auto turn = parts_.identity.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    response->set_name(parts_.name);
    response->set_participant_id(parts_.participant);
    fill_status(parts_.engine, *response);
    return grpc::Status::OK;
}

grpc::Status BankServer::ReconcileBank(grpc::ServerContext* context,
                                       const v1::ReconcileRequest* /*request*/,
                                       v1::ReconcileResponse* response) {
    const auto turn = parts_.identity.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto report = reconcile_bank(parts_.engine, parts_.ledger, parts_.rail, parts_.registry);
    if (!report) {
        return {grpc::StatusCode::UNAVAILABLE, report.error()};
    }
    *response = *report;
    return grpc::Status::OK;
}

}  // namespace remit::gateway
