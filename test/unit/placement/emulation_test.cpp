#include "test/placement/emulation.h"

#include <catch2/catch.hpp>

#include "test/placement/percentile.h"

namespace remit::placement {
namespace {

/// Nothing costs anything.
Costs free_of_charge() {
    auto costs = Costs::measured();
    for (auto* each : {&costs.verify_us, &costs.sign_us, &costs.sync_us, &costs.message_us,
                       &costs.block_us, &costs.item_us, &costs.write_us}) {
        *each = 0;
    }
    return costs;
}

constexpr Load few{.payments = 5, .every_ms = 200};

std::vector<double> times(const std::vector<Figures::Sample>& samples) {
    std::vector<double> out;
    for (const auto& each : samples) {
        out.push_back(each.ms);
    }
    return out;
}

}  // namespace

TEST_CASE("emulation: where nothing costs anything a payment takes what distance takes",
          "[placement]") {
    const auto figures = Emulation(data_centre(4), free_of_charge(), {}, 1).run(few);
    REQUIRE(figures.unanswered == 0);
    REQUIRE(figures.receipts.size() == few.payments);
    CHECK(percentile(times(figures.receipts), 0) >= 0.3);
    CHECK(percentile(times(figures.receipts), 1) <= 1.0);
    CHECK(percentile(times(figures.finalities), 0) >= 0.2);  // of a leader that is the observer
    CHECK(figures.cpu_ms_per_view == 0);
}

TEST_CASE("emulation: what the step costs that has the proof belongs to the receipt",
          "[placement]") {
    // Alone there are two steps: one takes the payment and decides, one has its result.
    auto costs = free_of_charge();
    costs.message_us = 5'000;
    const auto figures = Emulation(data_centre(1), costs, {}, 1).run(few);
    REQUIRE(figures.unanswered == 0);
    REQUIRE(figures.receipts.size() == few.payments);
    CHECK(percentile(times(figures.receipts), 0) >= 10);
}

TEST_CASE("emulation: a message to all costs its sender as many as there are peers",
          "[placement]") {
    auto costs = free_of_charge();
    costs.message_us = 10;
    constexpr std::size_t validators = 7;
    const auto figures = Emulation(data_centre(validators), costs, {}, 1).run(few);
    REQUIRE(figures.unanswered == 0);
    // Each message is sent once and taken once, and steps without a message cost something too; the
    // last ones were sent and had not come.
    const auto all_ms = figures.cpu_ms_per_view * validators;
    CHECK(all_ms >= 1.9 * figures.messages_per_view * costs.message_us / 1000);
}

TEST_CASE("emulation: execution is no cost of consensus", "[placement]") {
    auto costs = free_of_charge();
    costs.item_us = 1'000;
    const auto figures = Emulation(data_centre(4), costs, {}, 1).run(few);
    CHECK(figures.cpu_ms_per_view == 0);
    // Each validator executes each of the payments, but for the last one: f+1 are enough to end it.
    CHECK(figures.execution_ms_per_view * static_cast<double>(figures.views) >=
          static_cast<double>(few.payments) - 1);
}

TEST_CASE("emulation: a narrow uplink delays votes too", "[placement]") {
    Conditions narrow;
    narrow.uplink_mbit = 1;
    const auto wide = Emulation(data_centre(4), free_of_charge(), {}, 1).run(few);
    const auto slow = Emulation(data_centre(4), free_of_charge(), narrow, 1).run(few);
    REQUIRE(slow.unanswered == 0);
    // A proposal and two rounds of votes, each of more than 100 bytes, to two others at least.
    CHECK(percentile(times(slow.finalities), 0.5) >=
          percentile(times(wide.finalities), 0.5) + 3 * 2 * 100 * 8 / 1000.0);
}

TEST_CASE("emulation: a pause after a leader's death ends, or is none", "[placement]") {
    Conditions conditions;
    conditions.leader_dies_ms = 300;
    constexpr Load load{.payments = 10, .every_ms = 100};
    const auto one = Emulation(data_centre(4), free_of_charge(), conditions, 1).run(load);
    REQUIRE(one.pause_ms.has_value());
    CHECK(*one.pause_ms >= 50);  // nobody waits for a leader for less
    CHECK(one.unanswered == 0);
    // A second death leaves no quorum: the network never goes on.
    conditions.dead = 1;
    const auto two = Emulation(data_centre(4), free_of_charge(), conditions, 1).run(load);
    CHECK_FALSE(two.pause_ms.has_value());
    CHECK(two.unanswered > 0);
}

}  // namespace remit::placement
