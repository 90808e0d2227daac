#include "node/replica/item_checker.h"

#include "ledger/wire/decode.h"
#include "ledger/wire/envelope.h"

namespace remit::node {

Hash item_id_of(ByteView item) {
    return hash(domain::batch_items, item);
}

std::optional<ledger::LedgerError> CheckedItem::refusal() const {
    if (const auto* undecodable = std::get_if<ledger::Undecodable>(&content)) {
        return undecodable->error;
    }
    if (std::get<ledger::Transaction>(content).verdict == ledger::SignatureVerdict::bad) {
        return ledger::LedgerError::bad_signature;
    }
    return std::nullopt;
}

std::int64_t CheckedItem::valid_until_ms() const {
    const auto* transaction = std::get_if<ledger::Transaction>(&content);
    return transaction == nullptr ? 0 : transaction->valid_until.ms;
}

ItemChecker::ItemChecker(const ledger::ChainId& chain_id, std::size_t capacity)
    : chain_id_(chain_id), capacity_(capacity) {}

std::shared_ptr<ItemChecker::Entry> ItemChecker::entry_of(const Hash& id) {
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[id];
    if (!entry) {
        entry = std::make_shared<Entry>();
        order_.push_back(id);
        while (order_.size() > capacity_) {
            entries_.erase(order_.front());
            order_.pop_front();
        }
    }
    return entry;
}

void ItemChecker::fill(Entry& entry, ByteView item) {
    auto checked = std::make_shared<CheckedItem>();
    checked->content = ledger::wire::decode_item(item, chain_id_);
    if (auto* transaction = std::get_if<ledger::Transaction>(&checked->content)) {
        checked->transaction_id = transaction->id;
        if (entry.verdict == ledger::SignatureVerdict::unchecked) {
            ++signatures_verified_;
            const auto message =
                signed_bytes(domain::client, {chain_id_.view(), transaction->body});
            entry.verdict = verify(transaction->key, message, transaction->signature)
                                ? ledger::SignatureVerdict::good
                                : ledger::SignatureVerdict::bad;
        }
        transaction->verdict = entry.verdict;
        transaction->body.clear();
    } else {
        checked->transaction_id = std::get<ledger::Undecodable>(checked->content).id;
    }
    entry.item = std::move(checked);
}

std::shared_ptr<const CheckedItem> ItemChecker::check(ByteView item) {
    const auto entry = entry_of(item_id_of(item));
    const std::lock_guard lock(entry->mutex);
    if (!entry->item) {
        fill(*entry, item);
    }
    return entry->item;
}

ItemChecker::Taken ItemChecker::take(ByteView item) {
    Taken out;
    out.item_id = item_id_of(item);
    const auto entry = entry_of(out.item_id);
    const std::lock_guard lock(entry->mutex);
    if (!entry->item) {
        fill(*entry, item);
    }
    // Whoever else still reads the item keeps it whole.
    if (entry->item.use_count() == 1) {
        out.content = std::move(entry->item->content);
    } else {
        out.content = entry->item->content;
    }
    entry->item.reset();
    return out;
}

std::size_t ItemChecker::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace remit::node
