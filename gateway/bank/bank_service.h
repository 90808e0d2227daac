#pragma once

#include "gateway/bank/publisher.h"
#include "gateway/channels.h"
#include "gateway/engine.h"
#include "gateway/mark_book.h"
#include "gateway/registry.h"
#include "remit/gateway/v1/bank.grpc.pb.h"

namespace remit::gateway {

class BankServer final : public v1::BankService::Service {
public:
    struct Parts {
        Engine& engine;
        Ledger& ledger;
        Rail& rail;
        Publisher& publisher;
        const MarkBook& marks;
        const Registry& registry;
        const ReferenceRates& rates;
        const node::Clock& clock;
        const Identity& identity;
        std::uint32_t participant = 0;
        std::string name;
    };
    explicit BankServer(Parts parts) : parts_(std::move(parts)) {}

    grpc::Status ListMarks(grpc::ServerContext* context, const v1::ListMarksRequest* request,
                           v1::ListMarksResponse* response) override;
    grpc::Status ListSettlement(grpc::ServerContext* context,
                                const v1::ListSettlementRequest* request,
                                v1::ListSettlementResponse* response) override;
    grpc::Status PublishNow(grpc::ServerContext* context, const v1::PublishNowRequest* request,
                            v1::PublishNowResponse* response) override;
    grpc::Status GetBankStatus(grpc::ServerContext* context,
                               const v1::GetGatewayStatusRequest* request,
                               v1::GetGatewayStatusResponse* response) override;
    grpc::Status ReconcileBank(grpc::ServerContext* context, const v1::ReconcileRequest* request,
                               v1::ReconcileResponse* response) override;

private:
    Parts parts_;
};

}  // namespace remit::gateway
