#include "node/network/clock_offsets.h"

#include <catch2/catch.hpp>
#include <limits>

namespace remit::node {
namespace {

struct TwoClocks : Clock {
    [[nodiscard]] std::int64_t wall_ms() const override { return wall; }
    [[nodiscard]] std::int64_t mono_ms() const override { return mono; }
    std::int64_t wall = 1'700'000'000'000;
    std::int64_t mono = 1000;
    void pass(std::int64_t ms) {
        wall += ms;
        mono += ms;
    }
};

/// Two ends of a link, whose frames take `there_ms` and `back_ms`.
struct Link {
    TwoClocks a_clock;
    TwoClocks b_clock;
    ClockOffsets a{a_clock};
    ClockOffsets b{b_clock};
    void pass(std::int64_t ms) {
        a_clock.pass(ms);
        b_clock.pass(ms);
    }
    void exchange(std::int64_t there_ms, std::int64_t back_ms) {
        const auto of_a = a.stamp_for(1);
        pass(there_ms);
        b.note(0, of_a);
        const auto of_b = b.stamp_for(0);
        pass(back_ms);
        a.note(1, of_b);
    }
};

/// As a peer without any delay would have it, whose clock is behind by so much.
ClockStamp behind_by(const Clock& clock, std::int64_t ms) {
    return {.wall_ms = clock.wall_ms() - ms, .ahead_ms = -ms};
}

}  // namespace

TEST_CASE("clock offsets: the way of the frames is not taken for a difference", "[node][network]") {
    Link link;
    link.b_clock.wall += 700;
    link.exchange(150, 150);
    CHECK_FALSE(link.b.skew_ms(1));  // a has heard nothing before its first stamp
    link.exchange(150, 150);
    CHECK(link.a.skew_ms(1) == -700);
    CHECK(link.b.skew_ms(1) == 700);
}

TEST_CASE("clock offsets: a frame that waited does not move the clock", "[node][network]") {
    Link link;
    link.exchange(10, 10);
    link.exchange(10, 10);
    link.exchange(3000, 10);
    link.exchange(10, 3000);
    CHECK(link.a.skew_ms(1) == 0);
    CHECK(link.b.skew_ms(1) == 0);
}

TEST_CASE("clock offsets: a clock that was set is seen within half a minute, silence is nothing",
          "[node][network]") {
    Link link;
    link.exchange(10, 10);
    link.exchange(10, 10);
    link.a_clock.wall += 2000;
    for (int i = 0; i < 8; ++i) {
        link.pass(5000);
        link.exchange(10, 10);
    }
    CHECK(link.a.skew_ms(1) == 2000);
    link.pass(ClockOffsets::counts_for_ms + 1);
    CHECK_FALSE(link.a.skew_ms(1));
}

TEST_CASE("clock offsets: the median of half of the peers, whatever a few of them say",
          "[node][network]") {
    const TwoClocks clock;
    ClockOffsets offsets(clock);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    offsets.note(1, behind_by(clock, 40));
    CHECK_FALSE(offsets.skew_ms(3));
    CHECK(offsets.skew_ms(2) == 40);
    for (const auto wall : {most, least, std::int64_t{-1}}) {
        offsets.note(2, {.wall_ms = wall, .ahead_ms = 0});  // no clock shows that
    }
    offsets.note(2, {.wall_ms = clock.wall, .ahead_ms = least});
    CHECK_FALSE(offsets.skew_ms(3));
    offsets.note(2, behind_by(clock, 1'000'000'000'000));
    offsets.note(3, behind_by(clock, 60));
    CHECK(offsets.skew_ms(3) == 60);
}

}  // namespace remit::node
