#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <string>

#include "ledger/operation.h"
#include "remit/v1/ledger_service.grpc.pb.h"
#include "test/support/devnet/devnet.h"

namespace remit::test {

/// A member's view of one node: signs as participant 1 and calls the API.
class MemberClient {
public:
    MemberClient(const Devnet& devnet, std::size_t node, const std::string& host = "127.0.0.1")
        : MemberClient(devnet, node, host, devnet.client()) {}
    /// Shows another certificate; what it signs is participant 1's all the same.
    MemberClient(const Devnet& devnet, std::size_t node, const node::TlsIdentity& identity)
        : MemberClient(devnet, node, "127.0.0.1", identity) {}

    /// A signed envelope that opens `count` accounts under tags never used before.
    [[nodiscard]] v1::Envelope open_accounts(std::size_t count = 1) const;
    /// Two new wallets of participant 1: the first is funded with `funded` minor units of HKD and
    /// pays `paid` of them to the second. Six operations, all or nothing.
    [[nodiscard]] v1::Envelope payment(const ledger::CustomerTag& payer,
                                       const ledger::CustomerTag& payee, ledger::Minor funded,
                                       ledger::Minor paid) const;
    /// Submits and waits; the response or the failure.
    struct Submitted {
        grpc::Status status;
        v1::SubmitEnvelopeResponse response;
        [[nodiscard]] bool is_final() const {
            return status.ok() && response.state() == v1::TRANSACTION_STATE_FINAL;
        }
    };
    Submitted submit(const v1::Envelope& envelope, std::uint32_t wait_ms = 20'000) const;
    /// Opens accounts and demands success.
    v1::SubmitEnvelopeResponse must_open(std::size_t count = 1) const;

    [[nodiscard]] v1::GetNodeStatusResponse status() const;
    [[nodiscard]] v1::GetBlockResponse block(std::uint64_t height) const;
    /// The call's status; `response` is filled on success.
    template <class Request, class Response>
    grpc::Status call(grpc::Status (v1::LedgerService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                      const Request& request, Response& response) const {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + patience_);
        context.set_wait_for_ready(waits_);
        return (stub_.get()->*method)(&context, request, &response);
    }
    [[nodiscard]] v1::LedgerService::Stub& stub() const { return *stub_; }
    /// How long a call may take (40 s unless told), waiting for a connection included. A call that
    /// fails at once polls nothing: with every node away, handshakes would hardly get on.
    void wait_at_most(std::chrono::milliseconds patience) {
        patience_ = patience;
        waits_ = true;
    }

private:
    MemberClient(const Devnet& devnet, std::size_t node, const std::string& host,
                 const node::TlsIdentity& identity);
    [[nodiscard]] v1::Envelope sign(ledger::Transaction transaction) const;

    const Devnet& devnet_;
    std::unique_ptr<v1::LedgerService::Stub> stub_;
    std::chrono::milliseconds patience_{40'000};
    bool waits_ = false;
};

/// ErrorInfo.reason of a failed call; empty without one.
std::string reason_of(const grpc::Status& status);

}  // namespace remit::test
