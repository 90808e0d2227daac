#include "node/api/ledger_service.h"

#include <time.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "ledger/base/check.h"
#include "ledger/wire/encode.h"
#include "node/tls/credentials.h"

namespace remit::node {

namespace {

constexpr std::uint32_t wait_ms_max = 30'000;
constexpr std::size_t watchers_max = 1000;
/// Of one key: eight that work together could keep the others from watching, none alone.
constexpr std::size_t watchers_share = watchers_max / 8;
constexpr std::int64_t retry_after_ms = 250;

/// That this thread has had of a processor: what passes on the wall while others have it is not
/// the reader's.
ReadShares::Span thread_time() {
    timespec now{};
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return std::chrono::duration_cast<ReadShares::Span>(std::chrono::seconds(now.tv_sec) +
                                                        std::chrono::nanoseconds(now.tv_nsec));
}

ApiFailure exhausted(const std::string& what) {
    return {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
            .reason = "NODE_BUSY",
            .message = what + ": nothing was kept, send the same again",
            .retry_after_ms = retry_after_ms};
}

ApiFailure out_of_disk() {
    return {.code = grpc::StatusCode::UNAVAILABLE,
            .reason = "DISK_LOW",
            .message =
                "this node's disk is nearly full and it takes no more envelopes: nothing was "
                "kept, send the same to another node",
            .metadata = {{"number", std::to_string(disk_low)},
                         {"remedy", "send the same to another node; its operator frees disk"}},
            .retry_after_ms = retry_after_ms};
}

void put(v1::SubmitEnvelopeResponse& response, const TransactionReceipts& found) {
    response.set_state(v1::TRANSACTION_STATE_FINAL);
    for (const auto& receipt : found.receipts) {
        *response.add_receipts() = ledger::wire::to_proto(receipt);
    }
}

/// The call's end as the replica's answer has it.
grpc::Status outcome_of(const SubmitAnswer& answer, v1::SubmitEnvelopeResponse& response) {
    using Outcome = SubmitAnswer::Outcome;
    switch (answer.outcome) {
        case Outcome::final:
            put(response, *answer.receipts);
            return grpc::Status::OK;
        case Outcome::pending:
            response.set_state(v1::TRANSACTION_STATE_PENDING);
            return grpc::Status::OK;
        case Outcome::exhausted:
            return to_status(exhausted("this validator's window of batches is full"));
        case Outcome::refused:
            return to_status(failure_of(answer.error.value_or(ledger::LedgerError::bad_encoding)));
        case Outcome::pruned:
            return to_status(pruned("the transaction took effect"));
        case Outcome::stopped:
            return to_status({.code = grpc::StatusCode::UNAVAILABLE,
                              .reason = "NODE_STOPPED",
                              .message = "this node gives no receipts any more: ask another"});
    }
    return grpc::Status::CANCELLED;
}

/// One call in flight. It ends once: by the replica's answer, or before that by the client going
/// away or the server stopping; the later one finds it ended.
class SubmitCall : public grpc::ServerUnaryReactor {
public:
    /// What the replica's answer holds on to: outlives the call.
    class Ending {
    public:
        explicit Ending(SubmitCall* call) : call_(call) {}
        template <class MakeStatus>
        void end(MakeStatus make_status) {
            const std::lock_guard lock(mutex_);
            if (auto* call = std::exchange(call_, nullptr)) {
                call->Finish(make_status());
            }
        }

    private:
        std::mutex mutex_;
        SubmitCall* call_;
    };

    SubmitCall(std::shared_ptr<CallShares> calls, const TransportPin& pin)
        : calls_(std::move(calls)), pin_(pin), ending_(std::make_shared<Ending>(this)) {}
    [[nodiscard]] const std::shared_ptr<Ending>& ending() const { return ending_; }

    void OnCancel() override {
        ending_->end([] { return grpc::Status::CANCELLED; });
    }
    void OnDone() override {
        calls_->leave(pin_);
        delete this;
    }

private:
    std::shared_ptr<CallShares> calls_;
    TransportPin pin_;
    std::shared_ptr<Ending> ending_;
};

}  // namespace

LedgerService::LedgerService(Parts parts)
    : parts_(std::move(parts)),
      queries_(parts_.reads),
      gate_(parts_.checker, parts_.reads),
      watchers_(parts_.reads, watchers_max, watchers_share),
      reads_(parts_.reads_each_second.count() > 0
                 ? parts_.reads_each_second
                 : ReadShares::usual(std::thread::hardware_concurrency())),
      calls_(std::make_shared<CallShares>(parts_.calls_max,
                                          std::max<std::size_t>(1, parts_.calls_max / 2))) {}

std::optional<ApiFailure> LedgerService::refusal(Context& context) const {
    const auto pin = peer_pin(*context.auth_context());
    if (pin && parts_.members->find(*pin)) {
        return std::nullopt;
    }
    return ApiFailure{.code = grpc::StatusCode::UNAUTHENTICATED,
                      .reason = "NOT_LISTED",
                      .message = "the certificate's key is not in the registry (any more)"};
}

grpc::ServerUnaryReactor* LedgerService::finish(Context& context, const grpc::Status& status) {
    auto* reactor = context.DefaultReactor();
    reactor->Finish(status);
    return reactor;
}

std::optional<ApiFailure> LedgerService::refusal_of_read(Context& context) {
    if (auto refused = refusal(context)) {
        return refused;
    }
    const auto pin = peer_pin(*context.auth_context()).value_or(TransportPin());
    if (reads_.may_read(pin, std::chrono::steady_clock::now())) {
        return std::nullopt;
    }
    parts_.metrics
        .counter("remit_reads_refused_total", "Reads refused: the key had its share of the time.")
        .add();
    return exhausted("this key's share of the time for reads is used up");
}

template <class Request>
auto LedgerService::timed(Context& context, const Request& request) {
    const auto begin = thread_time();
    auto found = queries_.run(request);
    reads_.spend(peer_pin(*context.auth_context()).value_or(TransportPin()), thread_time() - begin,
                 std::chrono::steady_clock::now());
    return found;
}

template <class Request, class Response>
grpc::ServerUnaryReactor* LedgerService::answer(Context* context, const Request* request,
                                                Response* response) {
    if (const auto refused = refusal_of_read(*context)) {
        return finish(*context, to_status(*refused));
    }
    auto found = timed(*context, *request);
    if (!found) {
        return finish(*context, to_status(found.error()));
    }
    *response = std::move(*found);
    return finish(*context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* LedgerService::SubmitEnvelope(Context* context,
                                                        const v1::SubmitEnvelopeRequest* request,
                                                        v1::SubmitEnvelopeResponse* response) {
    if (const auto refused = refusal(*context)) {
        return finish(*context, to_status(*refused));
    }
    auto admitted = parts_.host.is_disk_low() ? Answer<SubmitGate::Admitted>(fail(out_of_disk()))
                                              : gate_.admit(*request);
    if (!admitted) {
        parts_.metrics
            .counter("remit_envelopes_refused_total", "Envelopes refused before ordering.",
                     {{"reason", admitted.error().reason}})
            .add();
        return finish(*context, to_status(admitted.error()));
    }
    response->set_transaction_id(admitted->transaction_id.bytes());
    const auto pin = peer_pin(*context->auth_context()).value_or(TransportPin());
    if (const auto entry = calls_->enter(pin); entry != CallShares::Entry::taken) {
        return finish(*context,
                      to_status(exhausted(entry == CallShares::Entry::full
                                              ? "too many calls are in flight"
                                              : "this key's share of calls is in flight")));
    }
    auto* call = new SubmitCall(calls_, pin);
    const auto ending = call->ending();
    gate_.note_pending(admitted->transaction_id);
    Submission submission{.item = std::move(admitted->item),
                          .wait_ms = std::min(request->wait_ms(), wait_ms_max),
                          .done = [ending, response](const SubmitAnswer& answer) {
                              ending->end([&] { return outcome_of(answer, *response); });
                          }};
    if (!parts_.host.submit(std::move(submission))) {
        ending->end([] { return to_status(exhausted("the node's queue is full")); });
    }
    return call;
}

grpc::ServerUnaryReactor* LedgerService::GetTransaction(Context* context,
                                                        const v1::GetTransactionRequest* request,
                                                        v1::GetTransactionResponse* response) {
    if (const auto refused = refusal_of_read(*context)) {
        return finish(*context, to_status(*refused));
    }
    const auto id = Hash::from(request->transaction_id());
    const bool on_its_way = id && gate_.is_pending(*id);
    auto found = timed(*context, *request);
    if (!found && on_its_way) {
        response->set_state(v1::TRANSACTION_STATE_PENDING);
        return finish(*context, grpc::Status::OK);
    }
    if (!found) {
        return finish(*context, to_status(found.error()));
    }
    *response = std::move(*found);
    return finish(*context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* LedgerService::GetNodeStatus(Context* context,
                                                       const v1::GetNodeStatusRequest* /*request*/,
                                                       v1::GetNodeStatusResponse* response) {
    if (const auto refused = refusal(*context)) {
        return finish(*context, to_status(*refused));
    }
    *response = parts_.host.status();
    return finish(*context, grpc::Status::OK);
}

grpc::ServerWriteReactor<v1::WatchEventsResponse>* LedgerService::WatchEvents(
    Context* context, const v1::WatchEventsRequest* request) {
    const auto pin = peer_pin(*context->auth_context());
    return watchers_.open(*request, pin.value_or(TransportPin()), [members = parts_.members, pin] {
        return pin && members->find(*pin).has_value();
    });
}

grpc::ServerUnaryReactor* LedgerService::GetAccount(Context* context,
                                                    const v1::GetAccountRequest* request,
                                                    v1::GetAccountResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::ListAccounts(Context* context,
                                                      const v1::ListAccountsRequest* request,
                                                      v1::ListAccountsResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetRemittance(Context* context,
                                                       const v1::GetRemittanceRequest* request,
                                                       v1::GetRemittanceResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::ListRemittances(Context* context,
                                                         const v1::ListRemittancesRequest* request,
                                                         v1::ListRemittancesResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetWindow(Context* context,
                                                   const v1::GetWindowRequest* request,
                                                   v1::GetWindowResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::ListWindows(Context* context,
                                                     const v1::ListWindowsRequest* request,
                                                     v1::ListWindowsResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::ListPositions(Context* context,
                                                       const v1::ListPositionsRequest* request,
                                                       v1::ListPositionsResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetBlock(Context* context,
                                                  const v1::GetBlockRequest* request,
                                                  v1::GetBlockResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetReceipt(Context* context,
                                                    const v1::GetReceiptRequest* request,
                                                    v1::GetReceiptResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetMark(Context* context,
                                                 const v1::GetMarkRequest* request,
                                                 v1::GetMarkResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::ListParticipants(
    Context* context, const v1::ListParticipantsRequest* request,
    v1::ListParticipantsResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::ListEvidence(Context* context,
                                                      const v1::ListEvidenceRequest* request,
                                                      v1::ListEvidenceResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetValidators(Context* context,
                                                       const v1::GetValidatorsRequest* request,
                                                       v1::GetValidatorsResponse* response) {
    return answer(context, request, response);
}
grpc::ServerUnaryReactor* LedgerService::GetTotals(Context* context,
                                                   const v1::GetTotalsRequest* request,
                                                   v1::GetTotalsResponse* response) {
    return answer(context, request, response);
}

}  // namespace remit::node
