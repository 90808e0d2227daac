#include "node/api/read_shares.h"

#include <algorithm>

namespace remit::node {

namespace {
/// Keys that are looked after before those that have rested are forgotten: the registry has few.
constexpr std::size_t keys_max = 1024;
}  // namespace

ReadShares::Span ReadShares::usual(unsigned processors) {
    return std::chrono::seconds(std::max(1U, processors / 2));
}

bool ReadShares::may_read(const TransportPin& key, Time now) {
    const std::lock_guard lock(mutex_);
    const auto at = spent_.find(key);
    return at == spent_.end() || spent_at(at->second, now) < saved_seconds * each_second_;
}

void ReadShares::spend(const TransportPin& key, Span took, Time now) {
    const std::lock_guard lock(mutex_);
    if (spent_.size() >= keys_max) {
        forget_rested(now);
    }
    auto& spent = spent_[key];
    spent = {.time = spent_at(spent, now) + took, .at = now};
}

std::size_t ReadShares::keys() const {
    const std::lock_guard lock(mutex_);
    return spent_.size();
}

ReadShares::Span ReadShares::spent_at(const Spent& spent, Time now) const {
    const auto passed = std::max(now - spent.at, Time::duration(0));
    if (passed >= std::chrono::seconds(3600)) {
        return Span(0);  // and no product of a long silence and a large share
    }
    const auto passed_us = std::chrono::duration_cast<Span>(passed).count();
    const Span back(passed_us * each_second_.count() / Span(std::chrono::seconds(1)).count());
    return std::max(spent.time - back, Span(0));
}

void ReadShares::forget_rested(Time now) {
    std::erase_if(spent_, [&](const auto& one) { return spent_at(one.second, now) == Span(0); });
}

}  // namespace remit::node
