#include "gateway/connectors/rail_client.h"

#include "node/ops/log.h"

namespace remit::gateway {

namespace {

constexpr std::chrono::milliseconds patience{10'000};
/// A price that comes later than this is not waited for while a customer waits.
constexpr std::chrono::milliseconds quote_patience{2'000};

/// A refused call is tried again like one without answer, but somebody has to mend it.
tl::unexpected<RailSilent> silent(const grpc::Status& status) {
    if (!is_silence(status)) {
        node::log_warning("rail_refused_call", {{"reason", status.error_message()}});
    }
    return tl::unexpected<RailSilent>(RailSilent{status.error_message()});
}

}  // namespace

RailClient::RailClient(const Identity& identity, const std::string& address)
    : stub_(v1::RailService::NewStub(identity.channel(address))) {}

Result<std::vector<v1::TransferResult>, RailSilent> RailClient::submit(
    const std::vector<v1::Transfer>& transfers) {
    v1::SubmitTransfersRequest request;
    request.mutable_transfers()->Assign(transfers.begin(), transfers.end());
    v1::SubmitTransfersResponse response;
    const auto status =
        call(*stub_, &v1::RailService::Stub::SubmitTransfers, request, response, patience);
    if (!status.ok()) {
        return silent(status);
    }
    return std::vector<v1::TransferResult>(response.results().begin(), response.results().end());
}

Result<v1::QueryTransferResponse, RailSilent> RailClient::query(const std::string& transfer_id) {
    v1::QueryTransferRequest request;
    request.set_transfer_id(transfer_id);
    v1::QueryTransferResponse response;
    const auto status =
        call(*stub_, &v1::RailService::Stub::QueryTransfer, request, response, patience);
    if (!status.ok()) {
        return silent(status);
    }
    return response;
}

Result<std::vector<std::string>, RailSilent> RailClient::open(
    const std::vector<v1::RailAccount>& accounts) {
    v1::OpenAccountsRequest request;
    request.mutable_accounts()->Assign(accounts.begin(), accounts.end());
    v1::OpenAccountsResponse response;
    const auto status =
        call(*stub_, &v1::RailService::Stub::OpenAccounts, request, response, patience);
    if (!status.ok()) {
        return silent(status);
    }
    return std::vector<std::string>(response.refusals().begin(), response.refusals().end());
}

Result<v1::ListEntriesResponse, RailSilent> RailClient::entries(
    const v1::ListEntriesRequest& request) {
    v1::ListEntriesResponse response;
    const auto status =
        call(*stub_, &v1::RailService::Stub::ListEntries, request, response, patience);
    if (!status.ok()) {
        return silent(status);
    }
    return response;
}

Result<v1::ListBalancesResponse, RailSilent> RailClient::balances(
    const std::string& account_prefix) {
    v1::ListBalancesRequest request;
    request.set_account_prefix(account_prefix);
    v1::ListBalancesResponse response;
    const auto status =
        call(*stub_, &v1::RailService::Stub::ListBalances, request, response, patience);
    if (!status.ok()) {
        return silent(status);
    }
    return response;
}

Result<std::vector<v1::Paid>, RailSilent> RailClient::paid(const std::vector<std::string>& uetrs) {
    v1::GetPaidRequest request;
    request.mutable_uetrs()->Assign(uetrs.begin(), uetrs.end());
    v1::GetPaidResponse response;
    const auto status = call(*stub_, &v1::RailService::Stub::GetPaid, request, response, patience);
    if (!status.ok()) {
        return silent(status);
    }
    return std::vector<v1::Paid>(response.paid().begin(), response.paid().end());
}

QuoteClient::QuoteClient(const Identity& identity, const std::string& address)
    : stub_(v1::QuoteService::NewStub(identity.channel(address))) {}

Result<std::vector<v1::QuoteAnswer>, RailSilent> QuoteClient::quotes(
    const std::vector<v1::QuoteRequest>& requests) {
    v1::RequestQuotesRequest request;
    request.mutable_requests()->Assign(requests.begin(), requests.end());
    v1::RequestQuotesResponse response;
    const auto status =
        call(*stub_, &v1::QuoteService::Stub::RequestQuotes, request, response, quote_patience);
    if (!status.ok()) {
        return silent(status);
    }
    return std::vector<v1::QuoteAnswer>(response.answers().begin(), response.answers().end());
}

DirectoryClient::DirectoryClient(const Identity& identity,
                                 const std::map<std::uint32_t, std::string>& addresses) {
    for (const auto& [participant, address] : addresses) {
        stubs_[participant] = v1::WalletService::NewStub(identity.channel(address));
    }
}

Result<v1::ResolveWalletResponse, OperatorDirectory::Failure> DirectoryClient::resolve(
    std::uint32_t operator_id, const std::string& name, const std::string& currency) {
    const auto at = stubs_.find(operator_id);
    if (at == stubs_.end()) {
        return fail(Failure{.silent = false,
                            .text = "no gateway of operator " + std::to_string(operator_id) +
                                    " is configured: give the payee's tag"});
    }
    v1::ResolveWalletRequest request;
    request.set_name(name);
    request.set_currency(currency);
    v1::ResolveWalletResponse response;
    const auto status =
        call(*at->second, &v1::WalletService::Stub::ResolveWallet, request, response, patience);
    if (!status.ok()) {
        return fail(Failure{.silent = is_silence(status), .text = status.error_message()});
    }
    return response;
}

}  // namespace remit::gateway
