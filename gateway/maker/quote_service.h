#pragma once

#include "gateway/channels.h"
#include "gateway/engine.h"
#include "gateway/maker/quotes.h"
#include "remit/gateway/v1/bank.grpc.pb.h"

namespace remit::gateway {

/// Quotes for those whose certificate belongs to the requester they name.
class QuoteServer final : public v1::QuoteService::Service {
public:
    /// `desk` null: this gateway makes no quotes.
    QuoteServer(QuoteDesk* desk, const Identity& identity) : desk_(desk), identity_(identity) {}
    grpc::Status RequestQuotes(grpc::ServerContext* context,
                               const v1::RequestQuotesRequest* request,
                               v1::RequestQuotesResponse* response) override;

private:
    QuoteDesk* desk_;
    const Identity& identity_;
};

/// What a market maker's own gateway tells of itself.
class MakerServer final : public v1::MakerService::Service {
public:
    MakerServer(const Engine& engine, const Identity& identity, std::uint32_t participant,
                std::string name)
        : engine_(engine), identity_(identity), participant_(participant), name_(std::move(name)) {}
    grpc::Status GetMakerStatus(grpc::ServerContext* context,
                                const v1::GetGatewayStatusRequest* request,
                                v1::GetGatewayStatusResponse* response) override;

private:
    const Engine& engine_;
    const Identity& identity_;
    std::uint32_t participant_;
    std::string name_;
};

}  // namespace remit::gateway
