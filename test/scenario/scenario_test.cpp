#include "test/scenario/scenario.h"

#include <catch2/catch.hpp>

using remit::test::Scenario;
using remit::test::ScenarioFailure;

namespace {

const std::string begin = "network\nattest reserve A HKD 100.00\nopen A alice HKD\n";

}  // namespace

TEST_CASE("scenario runner: a wrong figure, outcome or word fails with its line", "[scenario]") {
    const auto [line, why] = GENERATE(table<std::string, std::string>({
        {"balance alice 1.00", "line 4: balance alice 1.00\n  balance is 0.00, not 1.00"},
        {"fund A alice 10.00 => INSUFFICIENT_FUNDS", "expected INSUFFICIENT_FUNDS, got ok"},
        {"fund A alice 200.00 => ok", "expected ok, got RESERVE_EXCEEDED"},
        {"fund A alice 10.00 twice => ok", "not understood: 'twice'"},
        {"pay A alice 10.00", "no such line: pay"},
        {"state p1 PREPARED", "state is NONE, not PREPARED"},
        {"batch ALL", "a batch has no end"},
    }));
    CAPTURE(line);
    try {
        Scenario().run(begin + line);
        FAIL("nothing was thrown");
    } catch (const ScenarioFailure& failure) {
        CHECK_THAT(failure.what(), Catch::Contains(why));
    }
}

TEST_CASE("scenario runner: a scenario without a network is refused", "[scenario]") {
    CHECK_THROWS_AS(Scenario().run("tick 1s"), ScenarioFailure);
}
