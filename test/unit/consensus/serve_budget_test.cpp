#include "consensus/serve_budget.h"

#include <catch2/catch.hpp>

#include <limits>
#include <map>

using remit::consensus::ServeBudget;
using remit::consensus::ValidatorIndex;

namespace {
constexpr std::size_t few = 4;
}  // namespace

TEST_CASE("serve budget: a bucket empties by what it served and fills with time", "[consensus]") {
    ServeBudget budget;
    REQUIRE(budget.admits(1, few, 1000));
    budget.spend(1, ServeBudget::bytes_max - 1);
    REQUIRE(budget.admits(1, few, 1000));
    budget.spend(1, ServeBudget::bytes_per_second + 1);  // one answer may overdraw it
    CHECK_FALSE(budget.admits(1, few, 1000));
    CHECK(budget.admits(2, few, 1000));
    CHECK_FALSE(budget.admits(1, few, 1999));
    CHECK(budget.admits(1, few, 2001));
}

TEST_CASE("serve budget: quiet time saves up a bucket and no more", "[consensus]") {
    ServeBudget budget;
    REQUIRE(budget.admits(1, few, 0));
    budget.spend(1, ServeBudget::bytes_max);
    CHECK_FALSE(budget.admits(1, few, 0));
    CHECK(budget.admits(1, few, std::numeric_limits<std::int64_t>::max()));
    budget.spend(1, ServeBudget::bytes_max);
    CHECK_FALSE(budget.admits(1, few, std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("serve budget: all peers together get no more than the total, each its share of it",
          "[consensus]") {
    constexpr std::size_t peers = 31;
    constexpr std::int64_t seconds = 20;
    constexpr std::int64_t answer = 256 * 1024;
    constexpr std::int64_t total = ServeBudget::total_bytes_per_second;
    ServeBudget budget(total);
    std::map<ValidatorIndex, std::int64_t> served;
    // All but the last ask without end; that one asks last of all, and for little.
    const auto modest = static_cast<ValidatorIndex>(peers - 1);
    std::int64_t modest_refused = 0;
    for (std::int64_t ms = 0; ms < seconds * 1000; ms += 10) {
        for (ValidatorIndex peer = 1; peer < modest; ++peer) {
            while (budget.admits(peer, peers, ms)) {
                budget.spend(peer, answer);
                served[peer] += answer;
            }
        }
        if (ms % 1000 == 0) {
            if (budget.admits(modest, peers, ms)) {
                budget.spend(modest, answer);
            } else {
                ++modest_refused;
            }
        }
    }
    CHECK(modest_refused == 0);
    std::int64_t sum = 0;
    for (const auto& [peer, bytes] : served) {
        CAPTURE(peer);
        CHECK(bytes >= seconds * total / 2 / static_cast<std::int64_t>(peers));
        sum += bytes;
    }
    const auto overdrawn = static_cast<std::int64_t>(peers) * answer;
    CHECK(sum <= (seconds + ServeBudget::seconds_saved) * total + overdrawn);
    CHECK(sum >= seconds * total * 9 / 10);
}
