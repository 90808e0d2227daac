#include "test/placement/uplink.h"

#include <catch2/catch.hpp>

namespace remit::placement {

TEST_CASE("placement: an uplink without a limit takes no time", "[placement]") {
    Uplink line(0);
    CHECK(line.leaves(1'000'000, true, 7) == 7);
    CHECK(line.leaves(1'000'000, false, 7) == 7);
}

TEST_CASE("placement: votes take their time on the line, one behind the other", "[placement]") {
    Uplink line(8);  // a byte a microsecond
    CHECK(line.leaves(100, false, 0) == 100);
    CHECK(line.leaves(100, false, 0) == 200);
    CHECK(line.leaves(100, false, 1'000) == 1'100);
    // What they took, bulk data lacks.
    CHECK(line.leaves(500, true, 1'000) == 1'600);
}

TEST_CASE("placement: a vote waits for one packet of the bulk data on its line", "[placement]") {
    Uplink line(8);
    CHECK(line.leaves(100'000, true, 0) == 100'000);
    CHECK(line.leaves(100, false, 10) == 10 + 1'500 + 100);
    CHECK(line.leaves(100, false, 10) == 10 + 2 * (1'500 + 100));
    CHECK(line.leaves(1'000, true, 10) == 100'000 + 2 * 100 + 1'000);
}

}  // namespace remit::placement
