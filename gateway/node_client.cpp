#include "gateway/node_client.h"

namespace remit::gateway {

namespace {

constexpr std::chrono::milliseconds read_patience{3'000};
/// Beyond the wait the node was asked for: the way there and back.
constexpr std::chrono::milliseconds submit_slack{2'000};

tl::unexpected<LedgerFailure> failure(const grpc::Status& status) {
    LedgerFailure out;
    out.text = status.error_message();
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
        out.kind = LedgerFailure::Kind::not_found;
    } else if (!is_silence(status)) {
        out.kind = LedgerFailure::Kind::refused;
        out.refusal = refusal_of(status);
    }
    return tl::unexpected<LedgerFailure>(std::move(out));
}

}  // namespace

NodeClient::NodeClient(const Options& options, const Identity& identity) : spread_(options.spread) {
    for (const auto& address : options.nodes) {
        stubs_.push_back(remit::v1::LedgerService::NewStub(identity.channel(address)));
    }
}

template <class Request, class Response>
LedgerAnswer<Response> NodeClient::read(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                     const Request&, Response*),
                                        const Request& request) {
    grpc::Status status(grpc::StatusCode::UNAVAILABLE, "no node is configured");
    // The node whose blocks are followed knows what they told; the others may be behind it.
    const auto first = watched_.load();
    for (std::size_t i = 0; i < stubs_.size(); ++i) {
        Response response;
        auto& stub = *stubs_[(first + i) % stubs_.size()];
        status = call(stub, method, request, response, read_patience);
        if (status.ok()) {
            return response;
        }
        if (!is_silence(status)) {
            break;
        }
    }
    return failure(status);
}

LedgerAnswer<remit::v1::SubmitEnvelopeResponse> NodeClient::submit(
    const remit::v1::Envelope& envelope, std::uint32_t wait_ms) {
    remit::v1::SubmitEnvelopeRequest request;
    *request.mutable_envelope() = envelope;
    request.set_wait_ms(wait_ms);
    const auto first = spread_ ? turn_++ : watched_.load();
    grpc::Status status(grpc::StatusCode::UNAVAILABLE, "no node is configured");
    for (std::size_t i = 0; i < stubs_.size(); ++i) {
        remit::v1::SubmitEnvelopeResponse response;
        auto& stub = *stubs_[(first + i) % stubs_.size()];
        status = call(stub, &Stub::SubmitEnvelope, request, response,
                      std::chrono::milliseconds(wait_ms) + submit_slack);
        if (status.ok()) {
            return response;
        }
        // A node that is not there took nothing; any other silence is asked about first.
        if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
            break;
        }
    }
    return failure(status);
}

LedgerAnswer<remit::v1::GetTransactionResponse> NodeClient::transaction(ByteView id) {
    remit::v1::GetTransactionRequest request;
    request.set_transaction_id(Bytes(id));
    return read(&Stub::GetTransaction, request);
}

LedgerAnswer<remit::v1::Remittance> NodeClient::remittance(ByteView uetr) {
    remit::v1::GetRemittanceRequest request;
    request.set_uetr(Bytes(uetr));
    TRY_ASSIGN(auto answer, read(&Stub::GetRemittance, request));
    return std::move(*answer.mutable_remittance());
}

LedgerAnswer<remit::v1::Account> NodeClient::account(const remit::v1::AccountId& id) {
    remit::v1::GetAccountRequest request;
    *request.mutable_id() = id;
    TRY_ASSIGN(auto answer, read(&Stub::GetAccount, request));
    return std::move(*answer.mutable_account());
}

LedgerAnswer<remit::v1::ListWindowsResponse> NodeClient::windows() {
    return read(&Stub::ListWindows, remit::v1::ListWindowsRequest());
}

LedgerAnswer<remit::v1::ListPositionsResponse> NodeClient::positions() {
    return read(&Stub::ListPositions, remit::v1::ListPositionsRequest());
}

LedgerAnswer<remit::v1::ListParticipantsResponse> NodeClient::participants() {
    return read(&Stub::ListParticipants, remit::v1::ListParticipantsRequest());
}

LedgerAnswer<remit::v1::GetTotalsResponse> NodeClient::totals() {
    return read(&Stub::GetTotals, remit::v1::GetTotalsRequest());
}

LedgerAnswer<remit::v1::BankMark> NodeClient::mark(std::uint32_t source_asset,
                                                   std::uint32_t target_asset) {
    remit::v1::GetMarkRequest request;
    request.set_source_asset_id(source_asset);
    request.set_target_asset_id(target_asset);
    TRY_ASSIGN(auto answer, read(&Stub::GetMark, request));
    return std::move(*answer.mutable_mark());
}

LedgerAnswer<remit::v1::GetNodeStatusResponse> NodeClient::status() {
    return read(&Stub::GetNodeStatus, remit::v1::GetNodeStatusRequest());
}

LedgerAnswer<void> NodeClient::watch(std::uint64_t from_height, const BlockVisitor& visit) {
    grpc::ClientContext context;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            return {};
        }
        watching_ = &context;
    }
    remit::v1::WatchEventsRequest request;
    request.set_from_height(from_height);
    const auto stream = stubs_[watched_]->WatchEvents(&context, request);
    remit::v1::WatchEventsResponse block;
    bool went_on = true;
    bool any = false;
    while (went_on && stream->Read(&block)) {
        any = true;
        went_on = visit(block);
    }
    context.TryCancel();
    const auto status = stream->Finish();
    const std::lock_guard lock(mutex_);
    watching_ = nullptr;
    if (stopped_ || !went_on) {
        return {};
    }
    if (!any) {
        watched_ = (watched_ + 1) % stubs_.size();
    }
    return failure(status);
}

void NodeClient::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (watching_ != nullptr) {
        watching_->TryCancel();
    }
}

}  // namespace remit::gateway
