#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace remit {

/// Milliseconds since 1970-01-01T00:00:00Z as the chain knows them: the time of a block, or a
/// deadline judged against it. Never read from a node's clock inside the cores.
struct BlockTime {
    std::int64_t ms = 0;
    friend auto operator<=>(const BlockTime&, const BlockTime&) = default;
};

/// `2024-12-31 16:00:00.000 UTC`.
std::string to_text(BlockTime time);

}  // namespace remit
