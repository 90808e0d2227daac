#include "gateway/crash_points.h"

#include <unistd.h>

#include <array>
#include <atomic>

namespace remit::gateway {

namespace {

constexpr std::array table{
#define X(enumerator, name, meaning) CrashPointInfo{CrashPoint::enumerator, name, meaning},
#include "gateway/crash_points.def"
#undef X
};

constexpr int nothing_armed = -1;
std::atomic<int> armed{nothing_armed};
std::atomic<CrashAction> armed_action{nullptr};

}  // namespace

std::span<const CrashPointInfo> crash_point_table() {
    return table;
}

std::optional<CrashPoint> crash_point_from(std::string_view name) {
    for (const auto& row : table) {
        if (row.name == name) {
            return row.point;
        }
    }
    return std::nullopt;
}

void arm_crash_point(CrashPoint point, CrashAction action) {
    armed_action = action;
    armed = static_cast<int>(point);
}

void disarm_crash_point() {
    armed = nothing_armed;
}

void crash_now() {
    constexpr int killed = 137;  // 128 + SIGKILL, what a shell reports for kill -9
    ::_exit(killed);
}

void crash_point(CrashPoint point) {
    if (armed.load(std::memory_order_relaxed) != static_cast<int>(point)) [[likely]] {
        return;
    }
    if (const auto action = armed_action.load(); action != nullptr) {
        action();
    }
}

}  // namespace remit::gateway
