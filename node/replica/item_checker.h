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

/// Decodes and verifies items, each signature once per node: the verdict is kept by item id beyond
/// execution, as the same item may come in a second batch. A pool may check items while votes
/// travel; execution then finds them ready. Thread-safe.
class ItemChecker {
public:
    /// `capacity`: items remembered, the oldest are forgotten first.
    explicit ItemChecker(const ledger::ChainId& chain_id, std::size_t capacity = 262'144);

    /// Waits while another thread checks the same item.
    std::shared_ptr<const CheckedItem> check(ByteView item);

    struct Taken {
        Hash item_id;
        ledger::BlockItem content;
    };
    /// The same for execution, which is the last to need the decoded form.
    Taken take(ByteView item);

    [[nodiscard]] std::uint64_t signatures_verified() const { return signatures_verified_; }
    /// Items remembered.
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        std::mutex mutex;
        ledger::SignatureVerdict verdict = ledger::SignatureVerdict::unchecked;
        std::shared_ptr<CheckedItem> item;  // null before it is decoded and after it was taken
    };
    std::shared_ptr<Entry> entry_of(const Hash& id);
    void fill(Entry& entry, ByteView item);

    ledger::ChainId chain_id_;
    std::size_t capacity_;
    mutable std::mutex mutex_;
    std::map<Hash, std::shared_ptr<Entry>> entries_;
    std::deque<Hash> order_;  // oldest first
    std::atomic<std::uint64_t> signatures_verified_ = 0;
};

/// Names an item by all its bytes: the same body under another key is another item.
Hash item_id_of(ByteView item);

}  // namespace remit::node
