#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "consensus/types.h"
#include "node/seams/clock.h"

namespace remit::node {

/// What a peer says of its clock now and then.
struct ClockStamp {
    std::int64_t wall_ms = 0;              ///< as the frame is written
    std::optional<std::int64_t> ahead_ms;  ///< its clock less ours, as our frames reach it
};

/// How far this machine's clock is from the others'. Each end of a link sees the other's clock late
/// by the way of the frame; half the difference of what the two see leaves the way out, as NTP
/// does. Of some frames the one that came quickest counts. Thread-safe.
class ClockOffsets {
public:
    explicit ClockOffsets(const Clock& clock) : clock_(clock) {}
    /// How long a frame counts: two of every peer at least.
    static constexpr std::int64_t counts_for_ms = 30'000;

    /// What to tell the peer now.
    [[nodiscard]] ClockStamp stamp_for(consensus::PeerNumber peer) const;
    /// A frame with a stamp came. One that no clock shows is not noted.
    void note(consensus::PeerNumber peer, const ClockStamp& stamp);
    /// This clock less the median of the peers'; above 0: this one is ahead. Nothing unless half of
    /// `peers` have told theirs lately: the liars among them are fewer.
    [[nodiscard]] std::optional<std::int64_t> skew_ms(std::size_t peers) const;

private:
    struct Seen {
        std::int64_t at_ms = 0;
        std::int64_t ahead_ms = 0;
    };
    struct Peer {
        std::deque<Seen> seen;                // oldest first
        std::optional<std::int64_t> by_peer;  // the newest it told
    };
    [[nodiscard]] static std::optional<std::int64_t> quickest(const Peer& peer,
                                                              std::int64_t now_ms);

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<consensus::PeerNumber, Peer> peers_;
};

}  // namespace remit::node
