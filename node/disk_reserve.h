#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "node/ops/failure.h"
#include "node/seams/clock.h"

namespace remit::node {

/// Room that a volume must have left. Below the reserve clients are not served: what comes from
/// them can wait or go elsewhere, the votes of a validator cannot. Below the stop mark the node
/// stops in order while there is room to do it, because RocksDB as packaged aborts on a disk that
/// is full. Any thread.
class DiskReserve {
public:
    struct Marks {
        std::uint64_t reserve = 0;  ///< 0: clients are always served
        std::uint64_t stop = 0;     ///< 0: never stopped
    };
    DiskReserve(std::string folder, Marks marks, const Clock& clock)
        : folder_(std::move(folder)), marks_(marks), clock_(clock) {}

    /// Less is free than the reserve. Looks at the volume at most four times a second; one that
    /// cannot be asked is not called full.
    [[nodiscard]] bool is_touched() const;
    /// Free for this process; all ones when the volume cannot be asked.
    [[nodiscard]] std::uint64_t free_bytes() const;
    [[nodiscard]] const Marks& marks() const { return marks_; }
    /// Less is free than the stop mark: what the node ends with, or does not start with.
    [[nodiscard]] std::optional<Failure> shortage() const;
    /// Asked before the database writes: what is left would not do for an orderly end either. The
    /// reason, when nothing may be written any more.
    [[nodiscard]] std::optional<std::string> no_room_to_write() const;

    /// For a volume of that size: 3 GiB or a twentieth, whichever is more.
    [[nodiscard]] static std::uint64_t usual(std::uint64_t volume_bytes);
    /// Below that reserve: 512 MiB, or a quarter of a smaller reserve. A devnet without one: 64
    /// MiB.
    [[nodiscard]] static std::uint64_t usual_stop(std::uint64_t reserve, bool devnet);
    /// Of the volume that holds the folder; 0 when it cannot be asked.
    [[nodiscard]] static std::uint64_t volume_bytes(const std::string& folder);

private:
    std::string folder_;
    Marks marks_;
    const Clock& clock_;
    mutable std::atomic<std::int64_t> look_again_ms_ = 0;
    mutable std::atomic<bool> touched_ = false;
};

}  // namespace remit::node
