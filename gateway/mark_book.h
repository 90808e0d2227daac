#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "remit/v1/operation.pb.h"

namespace remit::gateway {

/// The bank marks that a finalised block holds, newest of each pair. Thread-safe.
class MarkBook {
public:
    using Pair = std::pair<std::uint32_t, std::uint32_t>;  // source asset, target asset

    void put(const remit::v1::BankMark& mark) {
        const std::lock_guard lock(mutex_);
        auto& newest = marks_[{mark.source_asset_id(), mark.target_asset_id()}];
        if (mark.mark_id() >= newest.mark_id()) {
            newest = mark;
        }
    }
    [[nodiscard]] std::optional<remit::v1::BankMark> find(Pair pair) const {
        const std::lock_guard lock(mutex_);
        const auto at = marks_.find(pair);
        return at == marks_.end() ? std::nullopt : std::optional(at->second);
    }
    [[nodiscard]] std::vector<remit::v1::BankMark> all() const {
        const std::lock_guard lock(mutex_);
        std::vector<remit::v1::BankMark> marks;
        for (const auto& [pair, mark] : marks_) {
            marks.push_back(mark);
        }
        return marks;
    }

private:
    mutable std::mutex mutex_;
    std::map<Pair, remit::v1::BankMark> marks_;
};

}  // namespace remit::gateway
