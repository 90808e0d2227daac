#include "tools/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace remit::bench {

void Latencies::merge(const Latencies& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    sorted_ = false;
}

std::int64_t Latencies::percentile_us(double percent) const {
    if (values_.empty()) {
        return 0;
    }
    if (!sorted_) {
        std::sort(values_.begin(), values_.end());
        sorted_ = true;
    }
    const auto rank = std::ceil(percent / 100.0 * static_cast<double>(values_.size()));
    const auto index = std::clamp<std::size_t>(static_cast<std::size_t>(rank), 1, values_.size());
    return values_[index - 1];
}

std::string ms_text(std::int64_t us) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f ms", static_cast<double>(us) / 1000.0);
    return text;
}

}  // namespace remit::bench
