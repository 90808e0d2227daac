#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/base/time.h"
#include "ledger/errors.h"
#include "ledger/operation.h"
#include "ledger/receipt.h"
#include "ledger/state/delta.h"

namespace remit::ledger {

/// An envelope of the block that could not be decoded. It leaves a receipt all the same.
struct Undecodable {
    TransactionId id{};
    LedgerError error = LedgerError::bad_encoding;
};

using BlockItem = std::variant<Transaction, Undecodable>;

/// Who led to this block, as its finalised header tells: indexes in the epoch in force.
struct LeaderTurns {
    struct Failed {
        std::uint16_t leader = 0;
        std::uint64_t views = 0;  // skipped since the parent block
    };
    std::uint16_t leader = 0;  // of the block itself
    std::vector<Failed> failed{};
};

/// A finalised block as the ledger sees it: heights rise by one, times never fall.
struct BlockInput {
    std::uint64_t height = 0;
    BlockTime time{};
    std::vector<BlockItem> items{};
    /// Set when this block is its epoch's last: the epoch that begins after it, as the state of an
    /// earlier height named it.
    std::optional<EpochRecord> next_epoch{};
    /// None: leaders are not judged by this block.
    std::optional<LeaderTurns> turns{};
};

/// What the ledger did by itself, in order.
struct LedgerEvent {
    enum class Kind : std::uint8_t { expired, return_expired, window_closed, window_settled };
    Kind kind = Kind::expired;
    Bytes reference{};  // UETR or return id
    WindowId window{};

    friend bool operator==(const LedgerEvent&, const LedgerEvent&) = default;
};
/// `EXPIRED`, `RETURN_EXPIRED`, `WINDOW_CLOSED`, `WINDOW_SETTLED`.
std::string_view name_of(LedgerEvent::Kind kind);

/// What became of one item of the block. An index by transaction keeps the receipts of an executed
/// one for ever and replaces those of a refused one: a stranger can have the same body refused
/// under a key of his own before the true one arrives.
struct TransactionOutcome {
    enum class Kind : std::uint8_t {
        executed,  // its operations ran, each with a receipt
        refused,   // as a whole, with one receipt (operation_index 0)
        replayed,  // the very same body ran before: no receipt here, the first ones stand
    };
    TransactionId id{};
    Kind kind = Kind::executed;
    std::uint32_t receipt_first = 0;  // index into BlockResult::receipts
    std::uint32_t receipt_count = 0;
    std::uint64_t first_height = 0;  // replayed: where it ran
};

struct BlockResult {
    Delta::WriteSet writes{};
    std::vector<Receipt> receipts{};
    std::vector<TransactionOutcome> outcomes{};  // one for each item, in order
    std::vector<LedgerEvent> events{};
    /// When an empty block is due: next expiry or cut-off, or at once when a sweep is left over.
    std::optional<BlockTime> wake_at{};
    /// What the epoch after the one in force would be if this block decided.
    std::optional<EpochRecord> next_epoch{};
    /// A broken invariant in words: the host must not write the block, and stops.
    std::optional<std::string> breach{};
};

}  // namespace remit::ledger
