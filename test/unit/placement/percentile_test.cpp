#include "test/placement/percentile.h"

#include <catch2/catch.hpp>

namespace remit::placement {

TEST_CASE("placement: percentiles are nearest ranks", "[placement]") {
    CHECK(percentile({}, 0.5) == 0);
    CHECK(percentile({3, 1, 2}, 0) == 1);
    CHECK(percentile({3, 1, 2}, 0.5) == 2);
    CHECK(percentile({4, 3, 1, 2}, 0.5) == 2);
    std::vector<double> hundred;
    for (int i = 100; i >= 1; --i) {
        hundred.push_back(i);
    }
    CHECK(percentile(hundred, 0.99) == 99);
    CHECK(percentile(hundred, 1) == 100);
}

}  // namespace remit::placement
