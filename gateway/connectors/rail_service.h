#pragma once

#include "gateway/channels.h"
#include "gateway/connectors/rail_book.h"
#include "remit/gateway/v1/rail.grpc.pb.h"

namespace remit::gateway {

/// The sandbox rail's book over gRPC, with its faults of transport: delay, calls that fail before
/// or after booking. Its owner's certificates may do everything; participant 2 may besides pay out
/// of own/2/<currency>, pay reserve/2/<currency> into clearing, and read own/2/, reserve/2/ and
/// cover/2/.
class RailServer final : public v1::RailService::Service {
public:
    RailServer(RailBook& book, const Identity& identity, std::uint32_t owner)
        : book_(book), identity_(identity), owner_(owner) {}

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
    /// OK when the caller may make every one of the transfers.
    grpc::Status may_pay(const grpc::ServerContext& context,
                         const v1::SubmitTransfersRequest& request) const;
    grpc::Status may_read(const grpc::ServerContext& context, const std::string& prefix) const;

    RailBook& book_;
    const Identity& identity_;
    std::uint32_t owner_;
};

/// The switches of the faults, for the owner alone. Registered only when the configuration allows
/// it.
class RailAdminServer final : public v1::RailAdminService::Service {
public:
    RailAdminServer(RailBook& book, const Identity& identity, std::uint32_t owner)
        : book_(book), identity_(identity), owner_(owner) {}

    grpc::Status SetFaults(grpc::ServerContext* context, const v1::SetFaultsRequest* request,
                           v1::SetFaultsResponse* response) override;
    grpc::Status RepairEntries(grpc::ServerContext* context,
                               const v1::RepairEntriesRequest* request,
                               v1::RepairEntriesResponse* response) override;

private:
    RailBook& book_;
    const Identity& identity_;
    std::uint32_t owner_;
};

}  // namespace remit::gateway
