#include "consensus/serve_budget.h"

#include <algorithm>

namespace remit::consensus {

namespace {
constexpr std::int64_t ms_per_second = 1000;
constexpr std::int64_t full_after_ms =
    ms_per_second * (2 * ServeBudget::bytes_max / ServeBudget::bytes_per_second);
}  // namespace

bool ServeBudget::admits(ValidatorIndex peer, std::int64_t mono_ms) {
    const auto [found, is_new] = buckets_.try_emplace(peer);
    auto& bucket = found->second;
    if (is_new) {
        bucket.filled_ms = mono_ms;
    }
    // Longer than this fills any bucket, and the product below cannot overflow.
    const auto elapsed = std::min(mono_ms - bucket.filled_ms, full_after_ms);
    if (elapsed > 0) {
        bucket.bytes =
            std::min(bytes_max, bucket.bytes + elapsed * (bytes_per_second / ms_per_second));
        bucket.filled_ms = mono_ms;
    }
    return bucket.bytes > 0;
}

void ServeBudget::spend(ValidatorIndex peer, std::int64_t bytes) {
    buckets_[peer].bytes -= bytes;
}

}  // namespace remit::consensus
