#pragma once

#include <memory>
#include <mutex>

#include "node/api/api_failure.h"
#include "node/replica/read_model.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::node {

/// Answers every read of the member API from what is final. No call changes anything; each carries
/// the height it speaks of. Thread-safe.
class LedgerQueries {
public:
    explicit LedgerQueries(const ReadModel& reads) : reads_(reads) {}

    Answer<v1::GetTransactionResponse> run(const v1::GetTransactionRequest& request) const;
    Answer<v1::GetAccountResponse> run(const v1::GetAccountRequest& request) const;
    Answer<v1::ListAccountsResponse> run(const v1::ListAccountsRequest& request) const;
    Answer<v1::GetRemittanceResponse> run(const v1::GetRemittanceRequest& request) const;
    Answer<v1::ListRemittancesResponse> run(const v1::ListRemittancesRequest& request) const;
    Answer<v1::GetWindowResponse> run(const v1::GetWindowRequest& request) const;
    Answer<v1::ListWindowsResponse> run(const v1::ListWindowsRequest& request) const;
    Answer<v1::ListPositionsResponse> run(const v1::ListPositionsRequest& request) const;
    Answer<v1::GetBlockResponse> run(const v1::GetBlockRequest& request) const;
    Answer<v1::GetReceiptResponse> run(const v1::GetReceiptRequest& request) const;
    Answer<v1::GetMarkResponse> run(const v1::GetMarkRequest& request) const;
    Answer<v1::ListParticipantsResponse> run(const v1::ListParticipantsRequest& request) const;
    Answer<v1::ListEvidenceResponse> run(const v1::ListEvidenceRequest& request) const;
    Answer<v1::GetValidatorsResponse> run(const v1::GetValidatorsRequest& request) const;
    /// Scans every account and remittance, so its answer is kept until the height changes.
    Answer<v1::GetTotalsResponse> run(const v1::GetTotalsRequest& request) const;

private:
    const ReadModel& reads_;
    mutable std::mutex totals_mutex_;
    mutable std::shared_ptr<const v1::GetTotalsResponse> totals_;
};

}  // namespace remit::node
