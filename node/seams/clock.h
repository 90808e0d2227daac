#pragma once

#include <cstdint>

namespace remit::node {

/// The two clocks of a process. Timers use `mono_ms` only: wall clocks jump.
class Clock {
public:
    virtual ~Clock() = default;
    /// Milliseconds of a clock that never goes back; its zero means nothing.
    [[nodiscard]] virtual std::int64_t mono_ms() const = 0;
    /// Milliseconds since 1970-01-01T00:00:00Z.
    [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
};

/// The machine's clocks. Thread-safe.
class SystemClock final : public Clock {
public:
    [[nodiscard]] std::int64_t mono_ms() const override;
    [[nodiscard]] std::int64_t wall_ms() const override;
};

}  // namespace remit::node
