#include "consensus/serve_budget.h"

#include <algorithm>

namespace remit::consensus {

namespace {
constexpr std::int64_t ms_per_second = 1000;
/// Longer than this fills any bucket, however far below empty an answer took it.
constexpr std::int64_t full_after_ms = 60 * ms_per_second;
}  // namespace

void ServeBudget::Bucket::fill(std::int64_t per_second, std::int64_t mono_ms) {
    const auto elapsed = std::min(mono_ms - filled_ms, full_after_ms);
    if (elapsed > 0) {
        bytes = std::min(seconds_saved * per_second, bytes + elapsed * per_second / ms_per_second);
        filled_ms = mono_ms;
    }
}

bool ServeBudget::admits(ValidatorIndex peer, std::size_t peers, std::int64_t mono_ms) {
    const auto half = total_ / 2;
    const auto share = half / static_cast<std::int64_t>(std::max<std::size_t>(peers, 1));
    if (!begun_) {
        begun_ = true;
        common_.filled_ms = mono_ms;
    }
    const auto [found, is_new] = peers_.try_emplace(peer);
    auto& mine = found->second;
    if (is_new) {
        mine = {.own = {.bytes = bytes_max, .filled_ms = mono_ms},
                .share = {.bytes = seconds_saved * share, .filled_ms = mono_ms}};
    }
    mine.own.fill(bytes_per_second, mono_ms);
    mine.share.fill(share, mono_ms);
    common_.fill(half, mono_ms);
    return mine.own.bytes > 0 && (mine.share.bytes > 0 || common_.bytes > 0);
}

void ServeBudget::spend(ValidatorIndex peer, std::int64_t bytes) {
    auto& mine = peers_[peer];
    mine.own.bytes -= bytes;
    // Its share is for when the rest is gone, and owes what an answer took beyond it.
    const auto common = std::clamp<std::int64_t>(common_.bytes, 0, bytes);
    common_.bytes -= common;
    mine.share.bytes -= bytes - common;
}

}  // namespace remit::consensus
