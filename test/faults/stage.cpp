#include "test/faults/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace remit::test {

Stage::Stage(Cluster& all, std::uint64_t seed, bool quick)
    : cluster(all), random_(seed), quick_(quick) {}

std::vector<std::size_t> Stage::pick(std::size_t count) {
    std::vector<std::size_t> all(cluster.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::shuffle(all.begin(), all.end(), random_);
    all.resize(count);
    return all;
}

void Stage::hold() {
    const auto long_one = draw(8) == 0;
    wait(std::chrono::milliseconds(quick_     ? 300 + draw(1200)
                                   : long_one ? 22'000 + draw(10'000)
                                              : 500 + draw(8000)));
}

void Stage::wait(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
}

void Stage::note(const std::string& text) const {
    const auto now = std::chrono::steady_clock::now() - start_;
    fmt::print("[{:8.2f}] {}\n", std::chrono::duration<double>(now).count(), text);
    std::fflush(stdout);
}

void Stage::set_between(const std::vector<std::size_t>& one, const std::vector<std::size_t>& other,
                        const PathState& state) const {
    for (const auto a : one) {
        for (const auto b : other) {
            if (a != b) {
                cluster.links().set(a, b, state);
                cluster.links().set(b, a, state);
            }
        }
    }
}

void Stage::heal() const {
    for (std::size_t a = 0; a < cluster.size(); ++a) {
        set_between({a}, {0, 1, 2, 3}, {});
    }
}

}  // namespace remit::test
