#pragma once

#include <cstdint>
#include <map>

#include "consensus/types.h"

namespace remit::consensus {

/// How much of this node peers may have served in answer to their requests: buckets of bytes,
/// refilled by the engine's own clock. A request is answered while there is anything for its peer
/// and then costs what it took, so a large answer is paid for by silence afterwards. A peer that
/// catches up asks another one meanwhile; one that only wants work done gets this much of it.
///
/// No peer gets more than `bytes_per_second`, nor all of them together more than the total. Half of
/// the total is shared out evenly and is there for each peer whatever the others ask; the other
/// half is for whoever comes.
class ServeBudget {
public:
    static constexpr std::int64_t bytes_per_second = 32 * 1024 * 1024;
    static constexpr std::int64_t total_bytes_per_second = 4 * bytes_per_second;
    static constexpr std::int64_t seconds_saved = 2;  ///< of quiet time
    static constexpr std::int64_t bytes_max = seconds_saved * bytes_per_second;
    /// Every look into the store costs this much, found or not.
    static constexpr std::int64_t lookup_bytes = 4096;

    explicit ServeBudget(std::int64_t total = total_bytes_per_second)
        : total_(total), common_{.bytes = seconds_saved * total / 2, .filled_ms = 0} {}

    /// Whether a request of this peer, one of so many, is answered now.
    [[nodiscard]] bool admits(ValidatorIndex peer, std::size_t peers, std::int64_t mono_ms);
    /// What answering it took. Its own buckets may fall below empty.
    void spend(ValidatorIndex peer, std::int64_t bytes);

private:
    struct Bucket {
        std::int64_t bytes = 0;
        std::int64_t filled_ms = 0;
        void fill(std::int64_t per_second, std::int64_t mono_ms);
    };
    struct Peer {
        Bucket own;
        Bucket share;  ///< of the total
    };
    std::int64_t total_;
    Bucket common_;
    bool begun_ = false;
    std::map<ValidatorIndex, Peer> peers_;
};

}  // namespace remit::consensus
