#pragma once

#include "gateway/crash_points.h"

namespace remit::test {

/// Thrown at an armed crash point in place of the death of the process: what was not written is
/// gone with the objects, what was written stays in the store.
struct Crash {};

/// Arms one point; the next time it is reached, once, a Crash is thrown.
inline bool& crash_fired() {
    static bool fired = false;
    return fired;
}
inline void arm(gateway::CrashPoint point) {
    crash_fired() = false;
    gateway::arm_crash_point(point, [] {
        gateway::disarm_crash_point();
        crash_fired() = true;
        throw Crash();
    });
}

}  // namespace remit::test
