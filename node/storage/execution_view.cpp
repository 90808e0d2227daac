#include "node/storage/execution_view.h"

#include <algorithm>

#include "ledger/state/keys.h"

namespace remit::node {

namespace {

using ledger::keys::Table;

constexpr Table kept_tables[] = {Table::meta,  Table::policy,      Table::calendar,
                                 Table::asset, Table::participant, Table::key,
                                 Table::mark,  Table::position};
constexpr Table deadline_tables[] = {Table::expiry, Table::idempotency_expiry};

/// A key or prefix belongs to a table by its first byte.
template <std::size_t size>
bool is_of(const Table (&tables)[size], ByteView key) {
    return !key.empty() && std::any_of(std::begin(tables), std::end(tables), [&](Table table) {
        return static_cast<std::uint8_t>(table) == static_cast<std::uint8_t>(key.front());
    });
}

}  // namespace

void ExecutionView::load() {
    kept_.clear();
    fronts_.clear();
    for (const auto table : kept_tables) {
        scan(stored_, ledger::keys::prefix(table), [&](ByteView key, ByteView value) {
            kept_.emplace(key, value);
            return true;
        });
    }
}

void ExecutionView::apply(const ledger::Delta::WriteSet& writes) {
    for (const auto& [key, value] : writes) {
        if (is_of(kept_tables, key)) {
            if (value) {
                kept_[key] = *value;
            } else {
                kept_.erase(key);
            }
        } else if (value && is_of(deadline_tables, key)) {
            const auto front = fronts_.find(key.front());
            if (front != fronts_.end() && key < front->second) {
                front->second = key;
            }
        }
    }
}

std::optional<Bytes> ExecutionView::get(ByteView key) const {
    if (!is_of(kept_tables, key)) {
        return stored_.get(key);
    }
    const auto found = kept_.find(key);
    return found == kept_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<ledger::Record> ExecutionView::next(ByteView from_inclusive, ByteView prefix) const {
    const auto from = std::max(from_inclusive, prefix);
    if (is_of(kept_tables, prefix)) {
        return next_kept(from, prefix);
    }
    return is_of(deadline_tables, prefix) ? next_deadline(from, prefix)
                                          : stored_.next(from, prefix);
}

std::optional<ledger::Record> ExecutionView::next_kept(ByteView from, ByteView prefix) const {
    const auto found = kept_.lower_bound(from);
    if (found == kept_.end() || !found->first.starts_with(prefix)) {
        return std::nullopt;
    }
    return ledger::Record(found->first, found->second);
}

std::optional<ledger::Record> ExecutionView::next_deadline(ByteView from, ByteView prefix) const {
    const auto table = prefix.substr(0, 1);
    auto& front = fronts_.try_emplace(prefix.front(), table).first->second;
    if (from > front) {
        return stored_.next(from, prefix);
    }
    // From the front of the whole table, whatever part of it is asked for: that is the next front.
    auto first = stored_.next(front, table);
    front = first ? first->first : end_of_prefix(table);
    return first && first->first.starts_with(prefix) ? first : std::nullopt;
}

}  // namespace remit::node
