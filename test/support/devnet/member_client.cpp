#include "test/support/devnet/member_client.h"

#include <grpcpp/create_channel.h>

#include <stdexcept>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ledger/wire/encode.h"
#include "node/seams/random.h"
#include "node/tls/client_polling.h"
#include "node/tls/credentials.h"

namespace remit::test {

namespace {

std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

MemberClient::MemberClient(const Devnet& devnet, std::size_t node, const std::string& host,
                           const node::TlsIdentity& identity)
    : devnet_(devnet) {
    node::poll_connections_often();
    const auto list =
        std::make_shared<node::PeerList>(std::map<node::TransportPin, node::ListedPeer>{
            {devnet.node_pin(node), {.name = devnet.name(node)}}});
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    // Also the longest a handshake may take: a busy machine needs more than the next line's.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10'000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
    stub_ = v1::LedgerService::NewStub(
        grpc::CreateCustomChannel(host + ":" + std::to_string(devnet.api_port(node)),
                                  node::pinned_channel_credentials(identity, list), arguments));
}

v1::Envelope MemberClient::sign(ledger::Transaction transaction) const {
    constexpr std::int64_t hours_12 = 43'200'000;
    transaction.participant = {1};
    transaction.client_key = node::SystemRandom().draw<ledger::ClientKey>();
    transaction.valid_until = {now_ms() + hours_12};
    return ledger::wire::to_proto(
        ledger::wire::sign_transaction(transaction, Devnet::operate_key(), devnet_.chain_id()));
}

v1::Envelope MemberClient::open_accounts(std::size_t count) const {
    node::SystemRandom random;
    ledger::Transaction transaction;
    for (std::size_t i = 0; i < count; ++i) {
        transaction.operations.emplace_back(
            ledger::OpenAccount{.asset = {1}, .tag = random.draw<ledger::CustomerTag>()});
    }
    return sign(std::move(transaction));
}

v1::Envelope MemberClient::payment(const ledger::CustomerTag& payer,
                                   const ledger::CustomerTag& payee, ledger::Minor funded,
                                   ledger::Minor paid) const {
    constexpr std::int64_t hours_10 = 36'000'000;
    ledger::Prepare prepare;
    prepare.uetr = uuid_v4_from(node::SystemRandom().draw<Uuid>());
    prepare.source_asset = prepare.target_asset = {1};
    prepare.payer_tag = payer;
    prepare.payee_tag = payee;
    prepare.payee_operator = {1};
    prepare.source = prepare.target = paid;
    prepare.purpose = "OTHR";
    prepare.travel_commit = hash(domain::account, {prepare.uetr.view()});
    prepare.screening.list_hash = hash(domain::account, "faults");
    prepare.expires_at = {now_ms() + hours_10};
    ledger::Transaction transaction;
    transaction.mode = ledger::Mode::all;
    transaction.operations = {
        ledger::OpenAccount{{1}, payer},
        ledger::OpenAccount{{1}, payee},
        ledger::FundWallet{{1}, payer, funded, "fund-" + payer.hex()},
        prepare,
        ledger::Accept{prepare.uetr, prepare.screening},
        ledger::ConfirmCredit{prepare.uetr, to_text(prepare.uetr), false},
    };
    return sign(std::move(transaction));
}

MemberClient::Submitted MemberClient::submit(const v1::Envelope& envelope,
                                             std::uint32_t wait_ms) const {
    v1::SubmitEnvelopeRequest request;
    *request.mutable_envelope() = envelope;
    request.set_wait_ms(wait_ms);
    Submitted out;
    out.status = call(&v1::LedgerService::Stub::SubmitEnvelope, request, out.response);
    return out;
}

v1::SubmitEnvelopeResponse MemberClient::must_open(std::size_t count) const {
    const auto envelope = open_accounts(count);
    auto done = submit(envelope);
    // The same envelope runs once: a machine that is short of time is asked again.
    for (int again = 0; again < 5 && done.status.ok() && !done.is_final(); ++again) {
        done = submit(envelope);
    }
    if (!done.is_final()) {
        throw std::runtime_error("not final: " + v1::TransactionState_Name(done.response.state()) +
                                 " " + done.status.error_message());
    }
    for (const auto& receipt : done.response.receipts()) {
        if (receipt.has_refusal()) {
            throw std::runtime_error("refused: " + receipt.refusal().name());
        }
    }
    return done.response;
}

v1::GetNodeStatusResponse MemberClient::status() const {
    v1::GetNodeStatusResponse out;
    const auto status =
        call(&v1::LedgerService::Stub::GetNodeStatus, v1::GetNodeStatusRequest{}, out);
    if (!status.ok()) {
        throw std::runtime_error("no status: " + status.error_message());
    }
    return out;
}

v1::GetBlockResponse MemberClient::block(std::uint64_t height) const {
    v1::GetBlockRequest request;
    request.set_height(height);
    v1::GetBlockResponse out;
    // A height may be final on another node a moment earlier.
    eventually([&] { return call(&v1::LedgerService::Stub::GetBlock, request, out).ok(); });
    return out;
}

std::string reason_of(const grpc::Status& status) {
    google::rpc::Status details;
    google::rpc::ErrorInfo info;
    if (!details.ParseFromString(status.error_details()) || details.details_size() == 0 ||
        !details.details(0).UnpackTo(&info)) {
        return {};
    }
    return info.reason();
}

}  // namespace remit::test
