#include "gateway/connectors/rail_service.h"

#include <chrono>
#include <thread>

namespace remit::gateway {

namespace {

constexpr int transfers_per_call_max = 256;
constexpr int list_size_max = 10'000;
constexpr std::uint32_t delay_ms_max = 60'000;

grpc::Status too_many() {
    return {grpc::StatusCode::INVALID_ARGUMENT, "too many items in one call"};
}

}  // namespace

grpc::Status RailServer::OpenAccounts(grpc::ServerContext* /*context*/,
                                      const v1::OpenAccountsRequest* request,
                                      v1::OpenAccountsResponse* response) {
    if (request->accounts_size() > list_size_max) {
        return too_many();
    }
    const auto refusals = book_.open({request->accounts().begin(), request->accounts().end()});
    response->mutable_refusals()->Assign(refusals.begin(), refusals.end());
    return grpc::Status::OK;
}

grpc::Status RailServer::SubmitTransfers(grpc::ServerContext* /*context*/,
                                         const v1::SubmitTransfersRequest* request,
                                         v1::SubmitTransfersResponse* response) {
    if (request->transfers_size() > transfers_per_call_max) {
        return too_many();
    }
    const std::vector<v1::Transfer> transfers(request->transfers().begin(),
                                              request->transfers().end());
    if (const auto delay = std::min(book_.faults().delay_ms(), delay_ms_max); delay > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    }
    if (book_.take_fault(RailFault::unknown_before, transfers)) {
        return {grpc::StatusCode::UNAVAILABLE, "sandbox fault: nothing was booked"};
    }
    const auto results = book_.submit(transfers);
    if (book_.take_fault(RailFault::unknown_after, transfers)) {
        return {grpc::StatusCode::UNAVAILABLE, "sandbox fault: the answer is lost"};
    }
    response->mutable_results()->Assign(results.begin(), results.end());
    return grpc::Status::OK;
}

grpc::Status RailServer::QueryTransfer(grpc::ServerContext* /*context*/,
                                       const v1::QueryTransferRequest* request,
                                       v1::QueryTransferResponse* response) {
    *response = book_.query(request->transfer_id());
    return grpc::Status::OK;
}

grpc::Status RailServer::ListEntries(grpc::ServerContext* /*context*/,
                                     const v1::ListEntriesRequest* request,
                                     v1::ListEntriesResponse* response) {
    *response = book_.entries(*request);
    return grpc::Status::OK;
}

grpc::Status RailServer::ListBalances(grpc::ServerContext* /*context*/,
                                      const v1::ListBalancesRequest* request,
                                      v1::ListBalancesResponse* response) {
    *response = book_.balances(request->account_prefix());
    return grpc::Status::OK;
}

grpc::Status RailServer::GetPaid(grpc::ServerContext* /*context*/,
                                 const v1::GetPaidRequest* request, v1::GetPaidResponse* response) {
    if (request->uetrs_size() > list_size_max) {
        return too_many();
    }
    const auto paid = book_.paid({request->uetrs().begin(), request->uetrs().end()});
    response->mutable_paid()->Assign(paid.begin(), paid.end());
    return grpc::Status::OK;
}

grpc::Status RailAdminServer::SetFaults(grpc::ServerContext* /*context*/,
                                        const v1::SetFaultsRequest* request,
                                        v1::SetFaultsResponse* response) {
    *response->mutable_before() = book_.set_faults(request->faults());
    return grpc::Status::OK;
}

grpc::Status RailAdminServer::RepairEntries(grpc::ServerContext* /*context*/,
                                            const v1::RepairEntriesRequest* /*request*/,
                                            v1::RepairEntriesResponse* response) {
    response->set_repaired(book_.repair());
    return grpc::Status::OK;
}

}  // namespace remit::gateway
