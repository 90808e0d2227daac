#pragma once

#include <cstdint>
#include <map>

#include "consensus/types.h"

namespace remit::consensus {

/// How much of this node each peer may have served in answer to its requests: a bucket of bytes a
/// peer, refilled by the engine's own clock. A request is answered while the peer's bucket holds
/// anything and then costs what it took, so a large answer is paid for by silence afterwards. A
/// peer that catches up asks another one meanwhile; one that only wants work done gets this much of
/// it.
class ServeBudget {
public:
    static constexpr std::int64_t bytes_per_second = 32 * 1024 * 1024;
    static constexpr std::int64_t bytes_max = 2 * bytes_per_second;  // what quiet time saves up
    /// Every look into the store costs this much, found or not.
    static constexpr std::int64_t lookup_bytes = 4096;

    /// Whether a request of this peer is answered now.
    [[nodiscard]] bool admits(ValidatorIndex peer, std::int64_t mono_ms);
    /// What answering it took. The bucket may fall below empty.
    void spend(ValidatorIndex peer, std::int64_t bytes);

private:
    struct Bucket {
        std::int64_t bytes = bytes_max;
        std::int64_t filled_ms = 0;
    };
    std::map<ValidatorIndex, Bucket> buckets_;
};

}  // namespace remit::consensus
