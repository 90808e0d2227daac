#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "node/seams/clock.h"

namespace remit::node {

/// Room that a volume must have left before clients are served: what comes from them can wait or go
/// elsewhere, the votes of a validator cannot. Any thread.
class DiskReserve {
public:
    /// `bytes` 0: nothing is kept free.
    DiskReserve(std::string folder, std::uint64_t bytes, const Clock& clock)
        : folder_(std::move(folder)), bytes_(bytes), clock_(clock) {}

    /// Less is free than the reserve. Looks at the volume at most four times a second; one that
    /// cannot be asked is not called full.
    [[nodiscard]] bool is_touched() const;
    /// Free for this process; all ones when the volume cannot be asked.
    [[nodiscard]] std::uint64_t free_bytes() const;
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

    /// For a volume of that size: 2 GiB or a twentieth, whichever is more.
    [[nodiscard]] static std::uint64_t usual(std::uint64_t volume_bytes);
    /// Of the volume that holds the folder; 0 when it cannot be asked.
    [[nodiscard]] static std::uint64_t volume_bytes(const std::string& folder);

private:
    std::string folder_;
    std::uint64_t bytes_;
    const Clock& clock_;
    mutable std::atomic<std::int64_t> look_again_ms_ = 0;
    mutable std::atomic<bool> touched_ = false;
};

}  // namespace remit::node
