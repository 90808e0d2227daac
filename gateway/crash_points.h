#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace remit::gateway {

/// Named places at which a test kills the process, all of them in crash_points.def.
enum class CrashPoint : std::uint8_t {
#define X(enumerator, name, meaning) enumerator,
#include "gateway/crash_points.def"
#undef X
};

struct CrashPointInfo {
    CrashPoint point;
    std::string_view name;
    std::string_view meaning;
};

std::span<const CrashPointInfo> crash_point_table();
std::optional<CrashPoint> crash_point_from(std::string_view name);

/// What happens at the armed point: `_exit(137)` in the program, an exception in a test.
using CrashAction = void (*)();

/// Arms one point for the life of the process; the program does so for `REMIT_CRASH_AT` and only
/// under `--dev`.
void arm_crash_point(CrashPoint point, CrashAction action);
void disarm_crash_point();
/// Ends the process as `kill -9` would: nothing is flushed, no destructor runs.
[[noreturn]] void crash_now();

/// Called where the point is. Costs one load when nothing is armed.
void crash_point(CrashPoint point);

}  // namespace remit::gateway
