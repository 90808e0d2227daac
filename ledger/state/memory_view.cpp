#include "ledger/state/memory_view.h"

#include <algorithm>

namespace remit::ledger {

std::optional<Bytes> MemoryView::get(ByteView key) const {
    const auto found = records_.find(key);
    return found != records_.end() ? std::optional<Bytes>(found->second) : std::nullopt;
}

std::optional<Record> MemoryView::next(ByteView from_inclusive, ByteView prefix) const {
    const auto found = records_.lower_bound(std::max(from_inclusive, prefix));
    if (found == records_.end() || !ByteView(found->first).starts_with(prefix)) {
        return std::nullopt;
    }
    return Record{found->first, found->second};
}

void MemoryView::put(ByteView key, Bytes value) {
    records_.insert_or_assign(Bytes(key), std::move(value));
}

void MemoryView::erase(ByteView key) {
    const auto found = records_.find(key);
    if (found != records_.end()) {
        records_.erase(found);
    }
}

void MemoryView::apply(const Delta::WriteSet& writes) {
    for (const auto& [key, value] : writes) {
        if (value) {
            put(key, *value);
        } else {
            erase(key);
        }
    }
}

}  // namespace remit::ledger
