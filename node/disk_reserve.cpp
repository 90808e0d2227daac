#include "node/disk_reserve.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <limits>

#include "node/seams/disk_full.h"

namespace remit::node {

namespace {
constexpr std::int64_t look_interval_ms = 250;
constexpr std::uint64_t usual_least = std::uint64_t{3} << 30U;
constexpr std::uint64_t usual_share = 20;  // one of so many
/// Two memtables of 64 MiB that are flushed at the end, the log ahead of them, and as much again.
constexpr std::uint64_t stop_most = std::uint64_t{512} << 20U;
constexpr std::uint64_t stop_devnet = std::uint64_t{64} << 20U;
constexpr std::uint64_t stop_share = 4;
/// Of the stop mark: left for what the end itself writes, while others fill the disk.
constexpr std::uint64_t last_share = 4;

std::string mib(std::uint64_t bytes) {
    return std::to_string(bytes >> 20U) + " MiB";
}
}  // namespace

bool DiskReserve::is_touched() const {
    if (marks_.reserve == 0) {
        return false;
    }
    const auto now = clock_.mono_ms();
    auto due = look_again_ms_.load();
    // One of the callers looks, the others take what was seen last.
    if (now >= due && look_again_ms_.compare_exchange_strong(due, now + look_interval_ms)) {
        touched_ = free_bytes() < marks_.reserve;
    }
    return touched_;
}

std::uint64_t DiskReserve::free_bytes() const {
    struct statvfs facts{};
    if (::statvfs(folder_.c_str(), &facts) != 0) {
        return std::numeric_limits<std::uint64_t>::max();
    }
    return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

std::optional<Failure> DiskReserve::shortage() const {
    const auto left = free_bytes();
    if (left >= marks_.stop) {
        return std::nullopt;
    }
    return Failure{.exit = ExitCode::io_error,
                   .message = disk_full(mib(left) + " are free on the volume of " + folder_ +
                                        ", store.stop_mib wants " + mib(marks_.stop)),
                   .help =
                       "free disk there or enlarge it, then start the node again: nothing is "
                       "lost, it goes on where it was (docs/operate/node.md, Disk full)"};
}

std::optional<std::string> DiskReserve::no_room_to_write() const {
    const auto left = free_bytes();
    if (left >= marks_.stop / last_share) {
        return std::nullopt;
    }
    return mib(left) + " are free, not a quarter of store.stop_mib";
}

std::uint64_t DiskReserve::usual_stop(std::uint64_t reserve, bool devnet) {
    if (reserve > 0) {
        return std::min(stop_most, reserve / stop_share);
    }
    return devnet ? stop_devnet : stop_most;
}

std::uint64_t DiskReserve::usual(std::uint64_t volume_bytes) {
    return std::max(usual_least, volume_bytes / usual_share);
}

std::uint64_t DiskReserve::volume_bytes(const std::string& folder) {
    struct statvfs facts{};
    return ::statvfs(folder.c_str(), &facts) == 0 ? std::uint64_t{facts.f_blocks} * facts.f_frsize
                                                  : 0;
}

}  // namespace remit::node
