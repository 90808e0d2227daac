#pragma once

#include <memory>

#include "node/api/api_host.h"
#include "node/api/ledger_queries.h"
#include "node/api/read_shares.h"
#include "node/api/submit_gate.h"
#include "node/api/watch_streams.h"
#include "node/ops/metrics.h"
#include "node/tls/call_shares.h"
#include "node/tls/peer_list.h"
#include "remit/v1/ledger_service.grpc.pb.h"

namespace remit::node {

/// The member API. Handlers run on gRPC's threads: they decode, bound and answer reads; envelopes
/// go to the reactor, whose answer ends the call.
class LedgerService final : public v1::LedgerService::CallbackService {
public:
    struct Parts {
        ApiHost& host;
        ItemChecker& checker;
        const ReadModel& reads;
        std::shared_ptr<const PeerList> members;  ///< asked again on every call
        Metrics& metrics;
        std::size_t calls_max = 10'000;  ///< in flight; one key has at most half of them
        /// Of each second, for the reads of one key; 0: the usual share.
        std::chrono::milliseconds reads_each_second{0};
    };
    explicit LedgerService(Parts parts);

    WatchStreams& watchers() { return watchers_; }
    [[nodiscard]] std::size_t calls() const { return calls_->total(); }

private:
    using Context = grpc::CallbackServerContext;
    using Unary = grpc::ServerUnaryReactor;

    Unary* SubmitEnvelope(Context*, const v1::SubmitEnvelopeRequest*,
                          v1::SubmitEnvelopeResponse*) override;
    Unary* GetTransaction(Context*, const v1::GetTransactionRequest*,
                          v1::GetTransactionResponse*) override;
    Unary* GetAccount(Context*, const v1::GetAccountRequest*, v1::GetAccountResponse*) override;
    Unary* ListAccounts(Context*, const v1::ListAccountsRequest*,
                        v1::ListAccountsResponse*) override;
    Unary* GetRemittance(Context*, const v1::GetRemittanceRequest*,
                         v1::GetRemittanceResponse*) override;
    Unary* ListRemittances(Context*, const v1::ListRemittancesRequest*,
                           v1::ListRemittancesResponse*) override;
    Unary* GetWindow(Context*, const v1::GetWindowRequest*, v1::GetWindowResponse*) override;
    Unary* ListWindows(Context*, const v1::ListWindowsRequest*, v1::ListWindowsResponse*) override;
    Unary* ListPositions(Context*, const v1::ListPositionsRequest*,
                         v1::ListPositionsResponse*) override;
    Unary* GetBlock(Context*, const v1::GetBlockRequest*, v1::GetBlockResponse*) override;
    Unary* GetReceipt(Context*, const v1::GetReceiptRequest*, v1::GetReceiptResponse*) override;
    Unary* GetMark(Context*, const v1::GetMarkRequest*, v1::GetMarkResponse*) override;
    Unary* ListParticipants(Context*, const v1::ListParticipantsRequest*,
                            v1::ListParticipantsResponse*) override;
    Unary* GetValidators(Context*, const v1::GetValidatorsRequest*,
                         v1::GetValidatorsResponse*) override;
    Unary* ListEvidence(Context*, const v1::ListEvidenceRequest*,
                        v1::ListEvidenceResponse*) override;
    Unary* GetTotals(Context*, const v1::GetTotalsRequest*, v1::GetTotalsResponse*) override;
    Unary* GetNodeStatus(Context*, const v1::GetNodeStatusRequest*,
                         v1::GetNodeStatusResponse*) override;
    grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
        Context*, const v1::WatchEventsRequest*) override;

    /// Who calls must still be listed: a key revoked since the handshake is refused here.
    std::optional<ApiFailure> refusal(Context& context) const;
    Unary* finish(Context& context, const grpc::Status& status);
    /// As `refusal`; and a key that has used up its time for reads waits.
    std::optional<ApiFailure> refusal_of_read(Context& context);
    /// The answer to a read, whose time counts as that of the caller's key.
    template <class Request>
    auto timed(Context& context, const Request& request);
    template <class Request, class Response>
    Unary* answer(Context* context, const Request* request, Response* response);

    Parts parts_;
    LedgerQueries queries_;
    SubmitGate gate_;
    WatchStreams watchers_;
    ReadShares reads_;
    std::shared_ptr<CallShares> calls_;
};

}  // namespace remit::node
