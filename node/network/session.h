#pragma once

#include <compare>
#include <cstdint>

namespace remit::node {

/// One run of a validator's process, told to every peer at the head of a stream. Of two that live
/// at once with one key, the lower one has to stop voting.
struct Session {
    std::uint64_t boot_counter = 0;  ///< starts of its vote journal
    std::uint64_t started = 0;       ///< milliseconds since 1970, then chance: no two are equal
    friend auto operator<=>(const Session&, const Session&) = default;
};

}  // namespace remit::node
