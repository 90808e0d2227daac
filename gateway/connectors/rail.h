#pragma once

#include <string>
#include <vector>

#include "ledger/base/result.h"
#include "remit/gateway/v1/rail.pb.h"

namespace remit::gateway {

/// The rail gave no answer: what was asked may have been done.
struct RailSilent {
    std::string reason;
};

/// A rail as a gateway's sagas see it. Every call carries ids that the caller chose and wrote down
/// before. Calls block; safe from several threads.
class Rail {
public:
    virtual ~Rail() = default;

    /// One result per transfer, in order. On silence each may or may not be booked: ask `query`.
    virtual Result<std::vector<v1::TransferResult>, RailSilent> submit(
        const std::vector<v1::Transfer>& transfers) = 0;
    /// NOT_FOUND is authoritative: the transfer was not booked.
    virtual Result<v1::QueryTransferResponse, RailSilent> query(const std::string& transfer_id) = 0;
    /// Refusal texts, one per account, empty when it is open.
    virtual Result<std::vector<std::string>, RailSilent> open(
        const std::vector<v1::RailAccount>& accounts) = 0;
    /// Booked entries after the cursor, at least once.
    virtual Result<v1::ListEntriesResponse, RailSilent> entries(
        const v1::ListEntriesRequest& request) = 0;
    virtual Result<v1::ListBalancesResponse, RailSilent> balances(
        const std::string& account_prefix) = 0;
    virtual Result<std::vector<v1::Paid>, RailSilent> paid(
        const std::vector<std::string>& uetrs) = 0;
};

}  // namespace remit::gateway
