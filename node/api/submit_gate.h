#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <set>

#include "node/api/api_failure.h"
#include "node/replica/item_checker.h"
#include "node/replica/read_model.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::node {

/// Judges an envelope before anything is ordered, and remembers which ones are on their way.
/// What fails here is an RPC error with a reason; what the ledger refuses later is a receipt.
/// Thread-safe.
class SubmitGate {
public:
    SubmitGate(ItemChecker& checker, const ReadModel& reads) : checker_(checker), reads_(reads) {}

    struct Admitted {
        Bytes item;
        Hash transaction_id;
    };
    /// Errors: INVALID_ARGUMENT (BAD_ENCODING, UNKNOWN_FIELD, TOO_LARGE, ...), UNAUTHENTICATED
    /// (BAD_SIGNATURE), PERMISSION_DENIED (UNKNOWN_KEY), FAILED_PRECONDITION (VALIDITY_PASSED,
    /// VALIDITY_TOO_FAR).
    Answer<Admitted> admit(const v1::SubmitEnvelopeRequest& request);

    /// A transaction admitted here was handed over, and may not be final yet.
    void note_pending(const Hash& transaction_id);
    [[nodiscard]] bool is_pending(const Hash& transaction_id) const;

private:
    ItemChecker& checker_;
    const ReadModel& reads_;
    mutable std::mutex mutex_;
    std::set<Hash> pending_;
    std::deque<Hash> pending_order_;
};

}  // namespace remit::node
