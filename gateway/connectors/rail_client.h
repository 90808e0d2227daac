#pragma once

#include <memory>

#include "gateway/channels.h"
#include "gateway/connectors/quote_source.h"
#include "gateway/connectors/rail.h"
#include "remit/gateway/v1/bank.grpc.pb.h"
#include "remit/gateway/v1/rail.grpc.pb.h"
#include "remit/gateway/v1/wallet.grpc.pb.h"

namespace remit::gateway {

/// A rail process over gRPC.
class RailClient final : public Rail {
public:
    RailClient(const Identity& identity, const std::string& address);

    Result<std::vector<v1::TransferResult>, RailSilent> submit(
        const std::vector<v1::Transfer>& transfers) override;
    Result<v1::QueryTransferResponse, RailSilent> query(const std::string& transfer_id) override;
    Result<std::vector<std::string>, RailSilent> open(
        const std::vector<v1::RailAccount>& accounts) override;
    Result<v1::ListEntriesResponse, RailSilent> entries(
        const v1::ListEntriesRequest& request) override;
    Result<v1::ListBalancesResponse, RailSilent> balances(
        const std::string& account_prefix) override;
    Result<std::vector<v1::Paid>, RailSilent> paid(const std::vector<std::string>& uetrs) override;

private:
    std::unique_ptr<v1::RailService::Stub> stub_;
};

/// One maker's gateway as a source of quotes.
class QuoteClient final : public QuoteSource {
public:
    QuoteClient(const Identity& identity, const std::string& address);
    Result<std::vector<v1::QuoteAnswer>, RailSilent> quotes(
        const std::vector<v1::QuoteRequest>& requests) override;

private:
    std::unique_ptr<v1::QuoteService::Stub> stub_;
};

/// Other operators' gateways by participant.
class DirectoryClient final : public OperatorDirectory {
public:
    DirectoryClient(const Identity& identity,
                    const std::map<std::uint32_t, std::string>& addresses);
    Result<v1::ResolveWalletResponse, Failure> resolve(std::uint32_t operator_id,
                                                       const std::string& name,
                                                       const std::string& currency) override;

private:
    std::map<std::uint32_t, std::unique_ptr<v1::WalletService::Stub>> stubs_;
};

}  // namespace remit::gateway
