#pragma once

#include "gateway/crash_points.h"

namespace remit::test {

/// Thrown at an armed crash point in place of the death of the process: what was not written is
/// gone with the objects, what was written stays in the store.
struct Crash {};

inline bool& crash_fired() {
    static bool fired = false;
    return fired;
}
inline int& hits_left() {
    static int left = 0;
    return left;
}
/// Arms one point; the `nth` time it is reached, once, a Crash is thrown.
inline void arm(gateway::CrashPoint point, int nth) {
    crash_fired() = false;
    hits_left() = nth;
    gateway::arm_crash_point(point, [] {
        if (--hits_left() == 0) {
            gateway::disarm_crash_point();
            crash_fired() = true;
            throw Crash();
        }
    });
}

}  // namespace remit::test
