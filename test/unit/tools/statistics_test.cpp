#include "tools/bench/statistics.h"

#include <catch2/catch.hpp>

namespace remit::bench {

TEST_CASE("latencies: percentiles are nearest ranks", "[bench]") {
    Latencies latencies;
    CHECK(latencies.percentile_us(99) == 0);
    for (int i = 100; i >= 1; --i) {
        latencies.add(i);
    }
    CHECK(latencies.percentile_us(50) == 50);
    CHECK(latencies.percentile_us(90) == 90);
    CHECK(latencies.percentile_us(99) == 99);
    CHECK(latencies.percentile_us(100) == 100);
    Latencies other;
    other.add(1'000);
    latencies.merge(other);
    CHECK(latencies.count() == 101);
    CHECK(latencies.percentile_us(100) == 1'000);
}

TEST_CASE("latencies: printed in milliseconds", "[bench]") {
    CHECK(ms_text(12'345) == "12.3 ms");
    CHECK(ms_text(0) == "0.0 ms");
}

}  // namespace remit::bench
