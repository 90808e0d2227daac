#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

#include "test/support/node/prng.h"

namespace remit::sim {

/// Virtual time: one queue of events. Events of the same millisecond run in an order that the seed
/// chooses.
class Scheduler {
public:
    using Action = std::function<void()>;
    explicit Scheduler(std::uint64_t seed) : ties_(seed, "scheduler") {}

    void at(std::int64_t ms, Action action) {
        queue_.emplace(std::tuple(std::max(ms, now_ms_), ties_.next(), ++count_),
                       std::move(action));
    }
    void after(std::int64_t ms, Action action) { at(now_ms_ + ms, std::move(action)); }

    /// Runs one event; false when nothing is left before `until_ms`, which is the time then.
    bool run_next(std::int64_t until_ms) {
        if (queue_.empty() || std::get<0>(queue_.begin()->first) > until_ms) {
            now_ms_ = std::max(now_ms_, until_ms);
            return false;
        }
        auto event = queue_.extract(queue_.begin());
        now_ms_ = std::get<0>(event.key());
        event.mapped()();
        return true;
    }
    [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }
    [[nodiscard]] std::uint64_t events() const { return count_; }

private:
    test::Prng ties_;
    std::map<std::tuple<std::int64_t, std::uint64_t, std::uint64_t>, Action> queue_;
    std::int64_t now_ms_ = 1000;
    std::uint64_t count_ = 0;
};

}  // namespace remit::sim
