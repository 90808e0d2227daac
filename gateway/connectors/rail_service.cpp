#include "gateway/connectors/rail_service.h"

#include <chrono>
#include <thread>

#include "gateway/connectors/clearing_accounts.h"

namespace remit::gateway {

namespace {

constexpr int transfers_per_call_max = 256;
constexpr int list_size_max = 10'000;
constexpr std::uint32_t delay_ms_max = 60'000;

grpc::Status too_many() {
    return {grpc::StatusCode::INVALID_ARGUMENT, "too many items in one call"};
}

/// True for "own/2/PHP" and the prefix "own/2/" when the number is 2.
bool is_cash_of(std::string_view kind, const std::string& account, std::uint32_t participant) {
    return account.starts_with(std::string(kind) + "/" + std::to_string(participant) + "/");
}

grpc::Status not_yours(const std::string& account) {
    return status_of(grpc::StatusCode::PERMISSION_DENIED, "NOT_YOUR_ACCOUNT",
                     "\"" + account + "\" is the rail's owner's and its participant's alone");
}

}  // namespace

grpc::Status RailServer::may_pay(const grpc::ServerContext& context,
                                 const v1::SubmitTransfersRequest& request) const {
    const auto caller = identity_.caller(context);
    for (const auto& transfer : request.transfers()) {
        const auto& from = transfer.debit_account();
        const bool allowed =
            caller &&
            (caller->participant_id == owner_ || is_cash_of("own", from, caller->participant_id) ||
             (is_cash_of("reserve", from, caller->participant_id) &&
              transfer.credit_account() == clearing_account(transfer.currency())));
        if (!allowed) {
            return not_yours(from);
        }
    }
    return grpc::Status::OK;
}

grpc::Status RailServer::may_read(const grpc::ServerContext& context,
                                  const std::string& prefix) const {
    const auto caller = identity_.caller(context);
    const bool allowed = caller && (caller->participant_id == owner_ ||
                                    is_cash_of("own", prefix, caller->participant_id) ||
                                    is_cash_of("reserve", prefix, caller->participant_id) ||
                                    is_cash_of("cover", prefix, caller->participant_id));
    return allowed ? grpc::Status::OK : not_yours(prefix);
}

grpc::Status RailServer::OpenAccounts(grpc::ServerContext* context,
                                      const v1::OpenAccountsRequest* request,
                                      v1::OpenAccountsResponse* response) {
    const auto turn = identity_.enter(*context, owner_);
    if (!turn.ok()) {
        return turn.status();
    }
    if (request->accounts_size() > list_size_max) {
        return too_many();
    }
    const auto refusals = book_.open({request->accounts().begin(), request->accounts().end()});
    response->mutable_refusals()->Assign(refusals.begin(), refusals.end());
    return grpc::Status::OK;
}

grpc::Status RailServer::SubmitTransfers(grpc::ServerContext* context,
                                         const v1::SubmitTransfersRequest* request,
                                         v1::SubmitTransfersResponse* response) {
    const auto turn = identity_.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    if (request->transfers_size() > transfers_per_call_max) {
        return too_many();
    }
    if (auto allowed = may_pay(*context, *request); !allowed.ok()) {
        return allowed;
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

grpc::Status RailServer::QueryTransfer(grpc::ServerContext* context,
                                       const v1::QueryTransferRequest* request,
                                       v1::QueryTransferResponse* response) {
    const auto turn = identity_.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    *response = book_.query(request->transfer_id());
    return grpc::Status::OK;
}

grpc::Status RailServer::ListEntries(grpc::ServerContext* context,
                                     const v1::ListEntriesRequest* request,
                                     v1::ListEntriesResponse* response) {
    const auto turn = identity_.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    if (auto allowed = may_read(*context, request->account_prefix()); !allowed.ok()) {
        return allowed;
    }
    *response = book_.entries(*request);
    return grpc::Status::OK;
}

grpc::Status RailServer::ListBalances(grpc::ServerContext* context,
                                      const v1::ListBalancesRequest* request,
                                      v1::ListBalancesResponse* response) {
    const auto turn = identity_.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    if (auto allowed = may_read(*context, request->account_prefix()); !allowed.ok()) {
        return allowed;
    }
    *response = book_.balances(request->account_prefix());
    return grpc::Status::OK;
}

grpc::Status RailServer::GetPaid(grpc::ServerContext* context, const v1::GetPaidRequest* request,
                                 v1::GetPaidResponse* response) {
    const auto turn = identity_.enter(*context, owner_);
    if (!turn.ok()) {
        return turn.status();
    }
    if (request->uetrs_size() > list_size_max) {
        return too_many();
    }
    const auto paid = book_.paid({request->uetrs().begin(), request->uetrs().end()});
    response->mutable_paid()->Assign(paid.begin(), paid.end());
    return grpc::Status::OK;
}

grpc::Status RailAdminServer::SetFaults(grpc::ServerContext* context,
                                        const v1::SetFaultsRequest* request,
                                        v1::SetFaultsResponse* response) {
    const auto turn = identity_.enter(*context, owner_);
    if (!turn.ok()) {
        return turn.status();
    }
    *response->mutable_before() = book_.set_faults(request->faults());
    return grpc::Status::OK;
}

grpc::Status RailAdminServer::RepairEntries(grpc::ServerContext* context,
                                            const v1::RepairEntriesRequest* /*request*/,
                                            v1::RepairEntriesResponse* response) {
    const auto turn = identity_.enter(*context, owner_);
    if (!turn.ok()) {
        return turn.status();
    }
    response->set_repaired(book_.repair());
    return grpc::Status::OK;
}

}  // namespace remit::gateway
