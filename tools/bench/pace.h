#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

namespace remit::bench {

using Clock = std::chrono::steady_clock;

/// Hands out work items in order. Closed loop: as fast as they are asked for. Open loop: each at
/// its own time from the start, so that a slow answer cannot hide the wait of those behind it.
class Pace {
public:
    /// `per_second` items; 0 is a closed loop.
    Pace(std::size_t items, double per_second)
        : items_(items), per_second_(per_second), start_(Clock::now()) {}

    struct Item {
        std::size_t index = 0;
        Clock::time_point due;  // latency counts from here
    };
    /// The next item, once it is due; empty when all were handed out. Any thread.
    std::optional<Item> next() {
        const auto index = next_.fetch_add(1);
        if (index >= items_) {
            return std::nullopt;
        }
        if (per_second_ <= 0) {
            return Item{index, Clock::now()};
        }
        const auto offset = std::chrono::duration<double>(static_cast<double>(index) / per_second_);
        const auto due = start_ + std::chrono::duration_cast<Clock::duration>(offset);
        std::this_thread::sleep_until(due);
        return Item{index, due};
    }

private:
    std::size_t items_;
    double per_second_;
    Clock::time_point start_;
    std::atomic<std::size_t> next_{0};
};

inline std::int64_t us_since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

}  // namespace remit::bench
