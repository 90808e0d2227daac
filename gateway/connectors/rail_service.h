#pragma once

#include "gateway/connectors/rail_book.h"
#include "remit/gateway/v1/rail.grpc.pb.h"

namespace remit::gateway {

/// The sandbox rail's book over gRPC, with its faults of transport: delay, calls that fail before
/// or after booking.
class RailServer final : public v1::RailService::Service {
public:
    explicit RailServer(RailBook& book) : book_(book) {}

    grpc::Status OpenAccounts(grpc::ServerContext* context, const v1::OpenAccountsRequest* request,
                              v1::OpenAccountsResponse* response) override;
    grpc::Status SubmitTransfers(grpc::ServerContext* context,
                                 const v1::SubmitTransfersRequest* request,
                                 v1::SubmitTransfersResponse* response) override;
    grpc::Status QueryTransfer(grpc::ServerContext* context,
                               const v1::QueryTransferRequest* request,
                               v1::QueryTransferResponse* response) override;
    grpc::Status ListEntries(grpc::ServerContext* context, const v1::ListEntriesRequest* request,
                             v1::ListEntriesResponse* response) override;
    grpc::Status ListBalances(grpc::ServerContext* context, const v1::ListBalancesRequest* request,
                              v1::ListBalancesResponse* response) override;
    grpc::Status GetPaid(grpc::ServerContext* context, const v1::GetPaidRequest* request,
                         v1::GetPaidResponse* response) override;

private:
    RailBook& book_;
};

/// The switches of the faults. Registered only when the configuration allows it.
class RailAdminServer final : public v1::RailAdminService::Service {
public:
    explicit RailAdminServer(RailBook& book) : book_(book) {}

    grpc::Status SetFaults(grpc::ServerContext* context, const v1::SetFaultsRequest* request,
                           v1::SetFaultsResponse* response) override;
    grpc::Status RepairEntries(grpc::ServerContext* context,
                               const v1::RepairEntriesRequest* request,
                               v1::RepairEntriesResponse* response) override;

private:
    RailBook& book_;
};

}  // namespace remit::gateway
