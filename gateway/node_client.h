#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/channels.h"
#include "gateway/ledger.h"
#include "remit/v1/ledger_service.grpc.pb.h"

namespace remit::gateway {

/// The member API of several nodes as one ledger. Reads go to the first node that answers, and
/// envelopes too, or to the nodes in turn. An answer that never came is `silent`: the caller asks
/// again under the same id, wherever it lands.
class NodeClient final : public Ledger {
public:
    struct Options {
        std::vector<std::string> nodes;
        bool spread = false;
    };
    NodeClient(const Options& options, const Identity& identity);

    LedgerAnswer<remit::v1::SubmitEnvelopeResponse> submit(const remit::v1::Envelope& envelope,
                                                           std::uint32_t wait_ms) override;
    LedgerAnswer<remit::v1::GetTransactionResponse> transaction(ByteView id) override;
    LedgerAnswer<remit::v1::Remittance> remittance(ByteView uetr) override;
    LedgerAnswer<remit::v1::Account> account(const remit::v1::AccountId& id) override;
    LedgerAnswer<remit::v1::ListWindowsResponse> windows() override;
    LedgerAnswer<remit::v1::ListPositionsResponse> positions() override;
    LedgerAnswer<remit::v1::ListParticipantsResponse> participants() override;
    LedgerAnswer<remit::v1::GetTotalsResponse> totals() override;
    LedgerAnswer<remit::v1::BankMark> mark(std::uint32_t source_asset,
                                           std::uint32_t target_asset) override;
    LedgerAnswer<remit::v1::GetNodeStatusResponse> status() override;
    LedgerAnswer<void> watch(std::uint64_t from_height, const BlockVisitor& visit) override;
    /// Ends a watch under way, and every later one at once.
    void stop();

private:
    using Stub = remit::v1::LedgerService::Stub;
    template <class Request, class Response>
    LedgerAnswer<Response> read(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request);

    bool spread_;
    std::vector<std::unique_ptr<Stub>> stubs_;
    std::atomic<std::size_t> turn_{0};
    std::atomic<std::size_t> watched_{0};
    std::mutex mutex_;
    grpc::ClientContext* watching_ = nullptr;
    bool stopped_ = false;
};

}  // namespace remit::gateway
