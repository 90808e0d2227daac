#include "node/seams/clock.h"

#include <chrono>

namespace remit::node {

namespace {
template <class SomeClock>
std::int64_t milliseconds() {
    using std::chrono::duration_cast;
    return duration_cast<std::chrono::milliseconds>(SomeClock::now().time_since_epoch()).count();
}
}  // namespace

std::int64_t SystemClock::mono_ms() const {
    return milliseconds<std::chrono::steady_clock>();
}
std::int64_t SystemClock::wall_ms() const {
    return milliseconds<std::chrono::system_clock>();
}

}  // namespace remit::node
