#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "test/faults/links.h"

namespace remit::test {

/// An Ethernet switch in this process: every port is a TAP device, whose other end may lie in a
/// network namespace of its own. What the kernel here cannot do to packets (netem is missing) is
/// done by it, for each direction of each pair of ports.
class FrameSwitch {
public:
    /// Makes one TAP device for each name. Throws std::runtime_error where that is not allowed.
    FrameSwitch(const std::vector<std::string>& names, std::uint64_t seed);
    ~FrameSwitch();
    FrameSwitch(const FrameSwitch&) = delete;
    FrameSwitch& operator=(const FrameSwitch&) = delete;

    void set(std::size_t from, std::size_t to, const PathState& state);

private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        Clock::time_point due;
        std::uint64_t number = 0;  // frames due together leave in the order they came
        std::size_t to = 0;
        std::vector<std::uint8_t> frame;
        bool operator>(const Waiting& other) const {
            return std::tie(due, number) > std::tie(other.due, other.number);
        }
    };
    using Address = std::array<std::uint8_t, 6>;

    void run();
    void receive(std::size_t port);
    void forward(std::size_t from, std::size_t to, const std::vector<std::uint8_t>& frame);
    void send_due();
    /// Flips one bit behind the header of the frame.
    void damage(std::vector<std::uint8_t>& frame);
    bool chance(unsigned percent) { return random_() % 100 < percent; }

    std::vector<int> taps_;
    std::vector<Address> learned_;
    int stop_ = -1;  // an eventfd
    std::mutex mutex_;
    std::vector<std::vector<PathState>> paths_;
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
    std::uint64_t next_number_ = 0;
    std::mt19937_64 random_;
    std::thread thread_;
};

}  // namespace remit::test
