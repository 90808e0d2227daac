#include "gateway/maker/quote_service.h"

#include "gateway/status_report.h"

namespace remit::gateway {

namespace {

constexpr int quotes_per_call_max = 1'000;

}  // namespace

grpc::Status QuoteServer::RequestQuotes(grpc::ServerContext* context,
                                        const v1::RequestQuotesRequest* request,
                                        v1::RequestQuotesResponse* response) {
    const auto turn = identity_.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    if (desk_ == nullptr) {
        return {grpc::StatusCode::UNIMPLEMENTED, "this gateway makes no quotes"};
    }
    if (request->requests_size() > quotes_per_call_max) {
        return {grpc::StatusCode::INVALID_ARGUMENT, "at most 1,000 quotes in one call"};
    }
    const auto caller = identity_.caller(*context);
    for (const auto& one : request->requests()) {
        if (!caller || caller->participant_id != one.requester_id()) {
            return status_of(grpc::StatusCode::PERMISSION_DENIED, "QUOTE_REQUESTER",
                             "a quote is given only to the participant whose certificate asks");
        }
    }
    for (const auto& one : request->requests()) {
        *response->add_answers() = desk_->quote(one);
    }
    return grpc::Status::OK;
}

grpc::Status MakerServer::GetMakerStatus(grpc::ServerContext* context,
                                         const v1::GetGatewayStatusRequest* /*request*/,
                                         v1::GetGatewayStatusResponse* response) {
    const auto turn = identity_.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    response->set_name(name_);
    response->set_participant_id(participant_);
    fill_status(engine_, *response);
    return grpc::Status::OK;
}

}  // namespace remit::gateway
