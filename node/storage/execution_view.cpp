#include "node/storage/execution_view.h"

#include <algorithm>
#include <iterator>

#include "ledger/state/keys.h"

namespace remit::node {

namespace {

using ledger::keys::Table;

constexpr Table kept_tables[] = {Table::meta,  Table::policy,      Table::calendar,
                                 Table::asset, Table::participant, Table::key,
                                 Table::mark,  Table::position};
constexpr Table deadline_tables[] = {Table::expiry, Table::idempotency_expiry};

constexpr std::size_t front_records = 64;  // of a deadline table, read at once

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
        } else if (is_of(deadline_tables, key)) {
            keep(front_of(key.front()), key, value);
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
    const Bytes table(prefix.substr(0, 1));
    auto& front = front_of(table.front());
    while (from < front.until) {
        const auto found = front.records.lower_bound(from);
        if (found != front.records.end()) {
            return found->first.starts_with(prefix) ? std::optional<ledger::Record>(*found)
                                                    : std::nullopt;
        }
        if (front.until == end_of_prefix(table)) {
            return std::nullopt;
        }
        read_on(front, table);
    }
    return stored_.next(from, prefix);
}

ExecutionView::Front& ExecutionView::front_of(char table) const {
    const auto [front, is_new] = fronts_.try_emplace(table);
    if (is_new) {
        const Bytes prefix(1, table);
        front->second.until = prefix;
        read_on(front->second, prefix);
    }
    return front->second;
}

void ExecutionView::read_on(Front& front, const Bytes& table) const {
    const auto end = end_of_prefix(table);
    std::size_t count = 0;
    Bytes until = end;
    or_die(reader_.scan(front.until, end, [&](ByteView key, ByteView value) {
        if (count++ == front_records) {
            until = Bytes(key);
            return false;
        }
        front.records.emplace(key, value);
        return true;
    }));
    front.until = std::move(until);
}

void ExecutionView::keep(Front& front, const Bytes& key, const std::optional<Bytes>& value) {
    if (key >= front.until) {
        return;
    }
    if (!value) {
        front.records.erase(key);
        return;
    }
    front.records[key] = *value;
    if (front.records.size() > 4 * front_records) {
        const auto last = std::next(front.records.begin(), front_records);
        front.until = last->first;
        front.records.erase(last, front.records.end());
    }
}

}  // namespace remit::node
