#include "consensus/probation.h"

#include <algorithm>

namespace remit::consensus {

namespace {
constexpr std::size_t expected_max = 1024;
constexpr std::int64_t kept_ms = 10'000;  // what has not come by then was perhaps never made
}  // namespace

void Probation::expect(const Entry& entry, std::int64_t until_ms) {
    if (expected_.size() < expected_max) {
        expected_.try_emplace(
            entry.digest,
            Expected{.author = entry.author, .until_ms = until_ms, .came_from_another = false});
    }
}

void Probation::arrived(const Hash& digest, ValidatorIndex from, std::int64_t now_ms) {
    const auto found = expected_.find(digest);
    if (found == expected_.end()) {
        return;
    }
    auto& expected = found->second;
    if (from != expected.author) {
        expected.came_from_another = true;
    } else if (now_ms <= expected.until_ms || !expected.came_from_another) {
        expected_.erase(found);  // late perhaps, but sent
    }
}

void Probation::judge(std::int64_t now_ms, Height floor) {
    std::erase_if(expected_, [&](const auto& each) {
        const auto& expected = each.second;
        const bool accused = expected.came_from_another && now_ms > expected.until_ms;
        if (accused) {
            until_[expected.author] = floor + heights;
        }
        return accused || now_ms > expected.until_ms + kept_ms;
    });
    std::erase_if(until_, [&](const auto& each) { return each.second <= floor; });
}

bool Probation::holds(ValidatorIndex author, Height floor) const {
    const auto found = until_.find(author);
    return found != until_.end() && found->second > floor;
}

std::size_t Probation::count(Height floor) const {
    return static_cast<std::size_t>(std::count_if(
        until_.begin(), until_.end(), [&](const auto& each) { return each.second > floor; }));
}

void Probation::clear() {
    expected_.clear();
    until_.clear();
}

}  // namespace remit::consensus
