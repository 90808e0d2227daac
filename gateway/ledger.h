#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "ledger/base/bytes.h"
#include "ledger/base/result.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::gateway {

/// Why a call to a node gave no answer that counts.
struct LedgerFailure {
    enum class Kind : std::uint8_t {
        silent,     ///< no answer: what was sent may have arrived
        not_found,  ///< the node knows no such thing at its height
        refused,    ///< turned away at the door, nothing entered the ledger by this call
    };
    Kind kind = Kind::silent;
    remit::v1::Refusal refusal;  // of `refused`
    std::string text;
};

template <class T>
using LedgerAnswer = Result<T, LedgerFailure>;

/// Sees one block; returns false to stop watching.
using BlockVisitor = std::function<bool(const remit::v1::WatchEventsResponse&)>;

/// The ledger as a gateway's sagas see it: the member API of a node. Calls block with a deadline
/// and are safe from several threads.
class Ledger {
public:
    virtual ~Ledger() = default;

    /// The same envelope may be handed over any number of times.
    virtual LedgerAnswer<remit::v1::SubmitEnvelopeResponse> submit(
        const remit::v1::Envelope& envelope, std::uint32_t wait_ms) = 0;
    virtual LedgerAnswer<remit::v1::GetTransactionResponse> transaction(ByteView id) = 0;
    virtual LedgerAnswer<remit::v1::Remittance> remittance(ByteView uetr) = 0;
    virtual LedgerAnswer<remit::v1::Account> account(const remit::v1::AccountId& id) = 0;
    /// Also the height it holds at.
    virtual LedgerAnswer<remit::v1::ListWindowsResponse> windows() = 0;
    virtual LedgerAnswer<remit::v1::ListPositionsResponse> positions() = 0;
    virtual LedgerAnswer<remit::v1::ListParticipantsResponse> participants() = 0;
    virtual LedgerAnswer<remit::v1::GetTotalsResponse> totals() = 0;
    virtual LedgerAnswer<remit::v1::BankMark> mark(std::uint32_t source_asset,
                                                   std::uint32_t target_asset) = 0;
    virtual LedgerAnswer<remit::v1::GetNodeStatusResponse> status() = 0;
    /// Finalised, executed blocks from `from_height` on, in order, until the visitor stops it or
    /// the stream ends.
    virtual LedgerAnswer<void> watch(std::uint64_t from_height, const BlockVisitor& visit) = 0;
};

}  // namespace remit::gateway
