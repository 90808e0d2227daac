#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "consensus/messages.h"
#include "ledger/block.h"

namespace remit::node {

/// One client envelope as a batch carries it, decoded and its signature verified.
struct CheckedItem {
    Hash transaction_id;
    ledger::BlockItem content;

    /// Why no honest node would order it; nothing when the ledger is to judge it.
    [[nodiscard]] std::optional<ledger::LedgerError> refusal() const;
    /// Block time after which it cannot be executed.
    [[nodiscard]] std::int64_t valid_until_ms() const;
};

/// Decodes and verifies items, each once per node: the verdict is kept by item id until the item
/// is executed. A pool may check items while votes travel; execution then finds them ready.
/// Thread-safe.
class ItemChecker {
public:
    /// Decodes a SignedBody's bytes into what the ledger takes.
    explicit ItemChecker(const ledger::ChainId& chain_id, std::size_t capacity = 262'144);

    /// Blocks while another thread checks the same item.
    std::shared_ptr<const CheckedItem> check(ByteView item);
    /// The same for execution: the verdict is forgotten afterwards.
    ledger::BlockItem take(ByteView item);

    [[nodiscard]] std::uint64_t signatures_verified() const { return signatures_verified_; }
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        std::once_flag once;
        CheckedItem item;
    };
    std::shared_ptr<Entry> entry_of(ByteView item, const Hash& id);

    ledger::ChainId chain_id_;
    std::size_t capacity_;
    mutable std::mutex mutex_;
    std::map<Hash, std::shared_ptr<Entry>> entries_;
    std::deque<Hash> order_;  // oldest first, for the capacity
    std::atomic<std::uint64_t> signatures_verified_ = 0;
};

}  // namespace remit::node
