#include "test/placement/bound.h"

#include <catch2/catch.hpp>

namespace remit::placement {
namespace {

Placement named(const std::string& name) {
    for (auto& each : placements()) {
        if (each.name == name) {
            return each;
        }
    }
    FAIL("no placement " << name);
    return {};
}

}  // namespace

TEST_CASE("placement: with equal distances finality takes three of them, a receipt four",
          "[placement]") {
    const auto bound = bound_of(data_centre(7));
    CHECK(Bound::mean(bound.finality_ms) == Approx(3 * 0.1));
    // A submitter that leads itself saves a hop.
    CHECK(bound.receipt_ms[0][0] == Approx(3 * 0.1));
    CHECK(bound.receipt_ms[0][1] == Approx(4 * 0.1));
}

TEST_CASE("placement: the bounds are those published with the design", "[placement]") {
    const auto finality = [](const std::string& name) {
        return Bound::mean(bound_of(named(name)).finality_ms);
    };
    CHECK(finality("asia4") == Approx(47).margin(0.6));
    CHECK(finality("world4") == Approx(122).margin(0.6));
    CHECK(finality("asia7") == Approx(63).margin(0.6));
    CHECK(finality("world7") == Approx(234).margin(0.6));
}

TEST_CASE("placement: one alone needs no time at all", "[placement]") {
    const auto bound = bound_of(data_centre(1));
    CHECK(Bound::mean(bound.finality_ms) == 0);
    CHECK(Bound::mean(bound.receipt_ms) == 0);
}

}  // namespace remit::placement
