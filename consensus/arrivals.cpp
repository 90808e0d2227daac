#include "consensus/arrivals.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace remit::consensus {

namespace {
constexpr std::size_t heard_max = 1024;
constexpr std::int64_t kept_ms = 60'000;
constexpr std::int64_t late_ms_max = 8'000;
constexpr std::int64_t slowness = 8;  // of falling: a part of it with each batch that came sooner
}  // namespace

void Arrivals::heard(const Hash& digest, std::int64_t now_ms) {
    if (heard_ms_.size() < heard_max) {
        heard_ms_.try_emplace(digest, now_ms);
    }
}

void Arrivals::came(const Hash& digest, ValidatorIndex author, std::int64_t now_ms) {
    const auto found = heard_ms_.find(digest);
    const auto took = found == heard_ms_.end() ? 0 : now_ms - found->second;
    auto& late = late_ms_[author];
    late = std::clamp<std::int64_t>(took, late - late / slowness, late_ms_max);
    if (found != heard_ms_.end()) {
        heard_ms_.erase(found);
    }
}

void Arrivals::prune(std::int64_t now_ms) {
    std::erase_if(heard_ms_, [now_ms](const auto& each) { return each.second + kept_ms < now_ms; });
}

std::int64_t Arrivals::usual_ms(std::size_t liars) const {
    if (late_ms_.size() <= liars) {
        return 0;
    }
    std::vector<std::int64_t> all;
    for (const auto& [author, late] : late_ms_) {
        all.push_back(late);
    }
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(liars), all.end(),
                     std::greater<>());
    return all[liars];
}

}  // namespace remit::consensus
