#include "consensus/leader_schedule.h"

#include <catch2/catch.hpp>
#include <map>

#include "consensus/epoch.h"
#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;

namespace {
std::map<ValidatorIndex, View> counted(const LeaderSchedule& schedule, View after, View before) {
    std::map<ValidatorIndex, View> out;
    for (View view = after + 1; view < before; ++view) {
        ++out[schedule.leader(view)];
    }
    return out;
}
}  // namespace

TEST_CASE("leader schedule: everybody leads in turn, and a demoted validator never") {
    const Chain chain(7);
    const LeaderSchedule all(chain.chain_id, chain.set);
    const LeaderSchedule without(chain.chain_id, chain.set, {1, 4});
    CHECK(counted(all, 0, 71).size() == 7);
    const auto turns = counted(without, 0, 51);
    CHECK(turns.size() == 5);
    for (const auto& [leader, views] : turns) {
        CHECK(leader != 1);
        CHECK(leader != 4);
        CHECK(views == 10);
    }
    CHECK(all.hash() != without.hash());
    CHECK(without.hash() != LeaderSchedule(chain.chain_id, chain.set, {1, 5}).hash());
}

TEST_CASE("leader schedule: the leaders between two views are those of every view between") {
    const Chain chain(4);
    for (const auto& demoted : {std::vector<ValidatorIndex>{}, std::vector<ValidatorIndex>{2}}) {
        const LeaderSchedule schedule(chain.chain_id, chain.set, demoted);
        for (View after = 0; after < 9; ++after) {
            for (View before = after; before < after + 14; ++before) {
                const auto between = schedule.leaders_between(after, before);
                const std::map<ValidatorIndex, View> found(between.begin(), between.end());
                CHECK(found.size() == between.size());
                CHECK(found == counted(schedule, after, before));
            }
        }
    }
}

TEST_CASE("leader schedule: a gap as wide as numbers go costs no more than the leaders there are") {
    const Chain chain(4);
    const auto between = LeaderSchedule(chain.chain_id, chain.set).leaders_between(0, UINT64_MAX);
    CHECK(between.size() == 4);
    View views = 0;
    for (const auto& [leader, had] : between) {
        views += had;
    }
    CHECK(views == UINT64_MAX - 1);
    CHECK(LeaderSchedule(chain.chain_id, chain.set).leaders_between(7, 3).empty());
}

TEST_CASE("leader schedule: at most f may be demoted, named once and in order") {
    const Chain chain(7);
    const auto may = [&](std::vector<ValidatorIndex> demoted) {
        auto description = chain.description(2);
        description.demoted = std::move(demoted);
        const auto again = decode<EpochDescription>(encode(description));
        REQUIRE(again);
        CHECK(again->demoted == description.demoted);
        CHECK(again->hash() == description.hash());
        return description.acceptable();
    };
    CHECK(may({}));
    CHECK(may({0}));
    CHECK(may({2, 6}));
    CHECK_FALSE(may({6, 2}));
    CHECK_FALSE(may({2, 2}));
    CHECK_FALSE(may({7}));
    CHECK_FALSE(may({1, 2, 3}));
}
