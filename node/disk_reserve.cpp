#include "node/disk_reserve.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <limits>

namespace remit::node {

namespace {
constexpr std::int64_t look_interval_ms = 250;
constexpr std::uint64_t usual_least = std::uint64_t{2} << 30U;
constexpr std::uint64_t usual_share = 20;  // one of so many
}  // namespace

bool DiskReserve::is_touched() const {
    if (bytes_ == 0) {
        return false;
    }
    const auto now = clock_.mono_ms();
    auto due = look_again_ms_.load();
    // One of the callers looks, the others take what was seen last.
    if (now >= due && look_again_ms_.compare_exchange_strong(due, now + look_interval_ms)) {
        touched_ = free_bytes() < bytes_;
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

std::uint64_t DiskReserve::usual(std::uint64_t volume_bytes) {
    return std::max(usual_least, volume_bytes / usual_share);
}

std::uint64_t DiskReserve::volume_bytes(const std::string& folder) {
    struct statvfs facts{};
    return ::statvfs(folder.c_str(), &facts) == 0 ? std::uint64_t{facts.f_blocks} * facts.f_frsize
                                                  : 0;
}

}  // namespace remit::node
