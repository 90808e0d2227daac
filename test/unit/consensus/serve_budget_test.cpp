#include "consensus/serve_budget.h"

#include <catch2/catch.hpp>

#include <limits>

using remit::consensus::ServeBudget;

TEST_CASE("serve budget: a bucket empties by what it served and fills with time", "[consensus]") {
    ServeBudget budget;
    REQUIRE(budget.admits(1, 1000));
    budget.spend(1, ServeBudget::bytes_max - 1);
    REQUIRE(budget.admits(1, 1000));
    budget.spend(1, ServeBudget::bytes_per_second + 1);  // one answer may overdraw it
    CHECK_FALSE(budget.admits(1, 1000));
    CHECK(budget.admits(2, 1000));
    CHECK_FALSE(budget.admits(1, 1999));
    CHECK(budget.admits(1, 2001));
}

TEST_CASE("serve budget: quiet time saves up a bucket and no more", "[consensus]") {
    ServeBudget budget;
    REQUIRE(budget.admits(1, 0));
    budget.spend(1, ServeBudget::bytes_max);
    CHECK_FALSE(budget.admits(1, 0));
    CHECK(budget.admits(1, std::numeric_limits<std::int64_t>::max()));
    budget.spend(1, ServeBudget::bytes_max);
    CHECK_FALSE(budget.admits(1, std::numeric_limits<std::int64_t>::max()));
}
