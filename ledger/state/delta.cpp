#include "ledger/state/delta.h"

#include <algorithm>

namespace remit::ledger {

std::optional<Bytes> Delta::get(ByteView key) const {
    const auto found = writes_.find(key);
    return found != writes_.end() ? found->second : base_->get(key);
}

std::optional<Record> Delta::next(ByteView from_inclusive, ByteView prefix) const {
    const ByteView from = std::max(from_inclusive, prefix);
    auto own = writes_.lower_bound(from);
    auto below = base_->next(from, prefix);
    while (true) {
        const bool have_own = own != writes_.end() && ByteView(own->first).starts_with(prefix);
        if (!have_own || (below && below->first < own->first)) {
            return below;
        }
        // Ours hides the base's record of the same key, also when it erases it.
        if (below && below->first == own->first) {
            below = base_->next(key_after(own->first), prefix);
        }
        if (own->second) {
            return Record{own->first, *own->second};
        }
        ++own;
    }
}

void Delta::put(ByteView key, Bytes value) {
    const auto found = writes_.find(key);
    if (found != writes_.end()) {
        found->second = std::move(value);
    } else {
        writes_.emplace(Bytes(key), std::move(value));
    }
}

void Delta::erase(ByteView key) {
    const auto found = writes_.find(key);
    if (found != writes_.end()) {
        found->second.reset();
    } else {
        writes_.emplace(Bytes(key), std::nullopt);
    }
}

void Delta::merge(Delta&& inner) {
    for (auto& [key, value] : inner.writes_) {
        writes_.insert_or_assign(key, std::move(value));
    }
    inner.writes_.clear();
}

}  // namespace remit::ledger
