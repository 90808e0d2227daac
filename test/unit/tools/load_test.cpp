#include "tools/bench/load.h"

#include <catch2/catch.hpp>

namespace remit::bench {

TEST_CASE("bench: only remittances that were credited are throughput", "[bench]") {
    LoadReport report;
    CHECK(report.per_second() == 0);
    report.seconds = 2;
    report.submitted = 100;
    CHECK(report.per_second() == 0);
    report.by_state = {{"CREDITED", 60}, {"REFUSED", 30}, {"COMMITTED", 10}};
    CHECK(report.credited() == 60);
    CHECK(report.per_second() == 30);
}

}  // namespace remit::bench
