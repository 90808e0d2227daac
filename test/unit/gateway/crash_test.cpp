#include <catch2/catch.hpp>

#include "gateway/reconciliation/reconciliation.h"
#include "test/support/gateway/world.h"

namespace remit::gateway {

namespace {

using test::an_id;

/// Everything a network does in two days: each crash point is passed at least once.
void live_two_days(test::World& world) {
    world.a->open_wallet("alice", "HKD", false, 1'000'000);
    world.g->open_wallet("bob", "PHP", false, 0);
    world.g->open_wallet("paid", "PHP", true, 0);
    world.g->open_wallet("closed", "PHP", true, 0);
    world.g->open_wallet("picky", "PHP", false, 0);
    world.settle_down();
    auto picky = world.g->wallet("picky", "PHP");
    picky.set_reject_reason("MS02");
    try {
        world.g->set_wallet(picky);
    } catch (const test::Crash&) {
        world.g->revive();
        world.g->set_wallet(picky);
    }
    world.a->on_ramp(an_id("ramp"), "alice", "HKD", 500'000);
    world.settle_down();
    const auto send = [&](const std::string& to, std::int64_t minor) {
        auto request = test::a_send(an_id("to " + to));
        request.set_amount_minor(minor);
        world.a->send(request, world.g->wallet(to, "PHP").tag());
    };
    send("bob", 100'000);
    send("paid", 10'000);
    send("picky", 20'000);
    world.settle_down();
    // The rail refuses one payout: the credit fails, the money goes home.
    v1::Faults faults;
    faults.set_reject_next(1);
    faults.set_account_prefix("customer/closed");
    world.g->rail().book().set_faults(faults);
    send("closed", 30'000);
    world.settle_down();
    world.a->off_ramp(an_id("off"), "alice", "HKD", 50'000);
    world.settle_down();
    world.pass(test::first_cut_off_ms);
    // The next day's pay-in of A never comes: its cover is drawn.
    v1::Faults silent;
    silent.set_reject_next(1);
    silent.set_account_prefix("reserve/1/HKD");
    world.bank->rail().book().set_faults(silent);
    auto second = test::a_send(an_id("second day"));
    second.set_amount_minor(40'000);
    world.a->send(second, world.g->wallet("bob", "PHP").tag());
    world.settle_down();
    world.pass(test::day_ms);
    constexpr std::int64_t past_deadline_ms = 2 * 3'600'000;
    world.pass(past_deadline_ms);
}

/// The first in-flight pieces and amounts, exact; the same whether anybody died or not.
void check_outcome(test::World& world) {
    // 7.4585923208 PHP for one HKD: the reference rate less 20 basis points.
    CHECK(world.state_of(an_id("to bob")) == "CREDITED");
    CHECK(world.state_of(an_id("to paid")) == "CREDITED");
    CHECK(world.state_of(an_id("to picky")) == "REJECTED");
    CHECK(world.state_of(an_id("to closed")) == "RETURNED");
    CHECK(world.state_of(an_id("second day")) == "CREDITED");
    CHECK(world.tokens("A", "alice", "HKD") == 500'000 - 100'000 - 10'000 - 50'000 - 40'000);
    CHECK(world.tokens("G", "bob", "PHP") == 745'859 + 298'343);
    CHECK(world.tokens("G", "paid", "PHP") == 0);
    CHECK(world.g->rail().balance("customer/paid/PHP") == 74'585);
    CHECK(world.g->rail().balance("customer/closed/PHP") == 0);
    CHECK(world.g->rail().balance("operator/PHP") == 100'000'000 - 74'585);
    CHECK(world.a->rail().balance("customer/alice/HKD") == 1'000'000 - 500'000 + 50'000);
    CHECK(world.a->rail().balance("operator/HKD") == 100'000'000 + 500'000 - 50'000);
    for (const auto* to : {"bob", "paid", "picky", "closed"}) {
        const auto uetr = uuid_text(an_id(std::string("to ") + to));
        CAPTURE(to);
        CHECK(world.g->rail().book().paid({uetr}).front().count() ==
              (std::string(to) == "paid" ? 1 : 0));
    }
    const auto windows = *world.ledger.windows();
    for (const auto& window : windows.windows()) {
        CAPTURE(window.window_id());
        CHECK((window.state() == "SETTLED" || window.state() == "OPEN"));
    }
    auto& cash = world.bank->rail();
    CHECK(cash.balance("clearing/HKD") == 0);
    CHECK(cash.balance("clearing/PHP") == 0);
    CHECK(cash.balance("reserve/1/HKD") == 100'000'000 - 110'000);
    CHECK(cash.balance("cover/1/HKD") == 100'000'000 - 40'000);
    CHECK(cash.balance("own/5/HKD") == 100'000'000 + 150'000);
}

void check_books(test::World& world) {
    CHECK(world.early_payouts().empty());
    for (auto* process : {world.a.get(), world.g.get()}) {
        CAPTURE(process->name());
        const auto report = reconcile_wallets(process->engine(), process->rail(), world.registry);
        REQUIRE(report);
        for (const auto& line : report->lines()) {
            CAPTURE(line.currency(), line.ledger_minor(), line.rail_minor());
            CHECK(line.difference_minor() == 0);
        }
        CHECK(process->engine().is_idle());
    }
    const auto report =
        reconcile_bank(world.bank->engine(), world.ledger, world.bank->rail(), world.registry);
    REQUIRE(report);
    for (const auto& line : report->lines()) {
        CAPTURE(line.what(), line.ledger_minor(), line.rail_minor());
        CHECK(line.difference_minor() == 0);
    }
}

}  // namespace

TEST_CASE("gateways: two days come out to the cent", "[gateway][world]") {
    test::World world;
    live_two_days(world);
    check_outcome(world);
    check_books(world);
}

TEST_CASE("gateways: death at any named point neither loses nor doubles money",
          "[gateway][world][crash]") {
    const auto nth = GENERATE(1, 4);
    for (const auto& row : crash_point_table()) {
        CAPTURE(row.name, nth);
        test::arm(row.point, nth);
        test::World world;
        live_two_days(world);
        CHECK((test::crash_fired() || nth > 1));
        disarm_crash_point();
        check_outcome(world);
        check_books(world);
    }
}

TEST_CASE("gateways: lost answers of ledger and rail are asked about, never repeated anew",
          "[gateway][world]") {
    test::World world;
    v1::Faults faults;
    faults.set_unknown_before(2);
    faults.set_unknown_after(2);
    world.a->rail().book().set_faults(faults);
    world.ledger.lose_after = 5;
    world.ledger.lose_before = 3;
    live_two_days(world);
    check_outcome(world);
    check_books(world);
}

}  // namespace remit::gateway
