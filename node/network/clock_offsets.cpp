#include "node/network/clock_offsets.h"

#include <algorithm>
#include <vector>

namespace remit::node {

namespace {

/// The year 9999: no clock shows more, and nothing below overflows.
constexpr std::int64_t wall_ms_max = 253'402'300'799'999;
/// A peer that stamps every frame must not fill memory.
constexpr std::size_t seen_max = 16;

bool is_sound(const ClockStamp& stamp) {
    const auto ahead = stamp.ahead_ms.value_or(0);
    return stamp.wall_ms >= 0 && stamp.wall_ms <= wall_ms_max && ahead >= -wall_ms_max &&
           ahead <= wall_ms_max;
}

}  // namespace

ClockStamp ClockOffsets::stamp_for(consensus::PeerNumber peer) const {
    ClockStamp out{.wall_ms = clock_.wall_ms(), .ahead_ms = std::nullopt};
    const std::lock_guard lock(mutex_);
    if (const auto at = peers_.find(peer); at != peers_.end()) {
        out.ahead_ms = quickest(at->second, clock_.mono_ms());
    }
    return out;
}

void ClockOffsets::note(consensus::PeerNumber peer, const ClockStamp& stamp) {
    if (!is_sound(stamp)) {
        return;
    }
    const Seen seen{.at_ms = clock_.mono_ms(), .ahead_ms = clock_.wall_ms() - stamp.wall_ms};
    const std::lock_guard lock(mutex_);
    auto& of = peers_[peer];
    of.seen.push_back(seen);
    of.by_peer = stamp.ahead_ms;
    while (of.seen.size() > seen_max || of.seen.front().at_ms < seen.at_ms - counts_for_ms) {
        of.seen.pop_front();
    }
}

std::optional<std::int64_t> ClockOffsets::quickest(const Peer& peer, std::int64_t now_ms) {
    std::optional<std::int64_t> out;
    for (const auto& seen : peer.seen) {
        if (seen.at_ms >= now_ms - counts_for_ms) {
            out = std::min(out.value_or(seen.ahead_ms), seen.ahead_ms);
        }
    }
    return out;
}

std::optional<std::int64_t> ClockOffsets::skew_ms(std::size_t peers) const {
    const auto now_ms = clock_.mono_ms();
    std::vector<std::int64_t> offsets;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [number, peer] : peers_) {
            const auto own = quickest(peer, now_ms);
            if (own && peer.by_peer) {
                offsets.push_back((*own - *peer.by_peer) / 2);
            }
        }
    }
    if (offsets.empty() || 2 * offsets.size() < peers) {
        return std::nullopt;
    }
    std::sort(offsets.begin(), offsets.end());
    const auto middle = offsets.size() / 2;
    return offsets.size() % 2 == 1 ? offsets[middle] : (offsets[middle - 1] + offsets[middle]) / 2;
}

}  // namespace remit::node
