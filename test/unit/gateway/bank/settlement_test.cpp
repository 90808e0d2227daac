#include "gateway/bank/settlement.h"

#include <catch2/catch.hpp>

#include "test/support/gateway/world.h"

namespace remit::gateway {

namespace {

const ExpectedMovement expected{.transfer_id = "pay-in/1/1/HKD",
                                .account = "clearing/HKD",
                                .currency = "HKD",
                                .amount_minor = 500};

v1::RailEntry entry(const std::string& reference, std::int64_t minor,
                    const std::string& reverses = "") {
    v1::RailEntry out;
    out.set_account("clearing/HKD");
    out.set_currency("HKD");
    out.set_transfer_id("pay-in/1/1/HKD");
    out.set_entry_reference(reference);
    out.set_amount_minor(minor);
    out.set_reverses(reverses);
    return out;
}

using Kind = EntryMatch::Kind;

/// A day with one remittance of 1,000.00 HKD from A to G, and its window closed.
struct ClosedDay {
    test::World world;

    explicit ClosedDay(const std::function<void(test::World&)>& before_close) {
        world.a->open_wallet("alice", "HKD", false, 1'000'000);
        world.g->open_wallet("bob", "PHP", false, 0);
        world.settle_down();
        world.a->on_ramp(test::an_id("ramp"), "alice", "HKD", 500'000);
        world.settle_down();
        world.a->send(test::a_send(test::an_id("send")), world.g->wallet("bob", "PHP").tag());
        world.settle_down();
        before_close(world);
        world.pass(test::first_cut_off_ms);
    }
    [[nodiscard]] std::string window_state() { return world.ledger.windows()->windows(0).state(); }
    [[nodiscard]] std::vector<v1::Break> open_breaks() {
        std::vector<v1::Break> open;
        for (auto& item : world.bank->engine().journal().breaks()) {
            if (item.closed_at_ms() == 0) {
                open.push_back(std::move(item));
            }
        }
        return open;
    }
};

void set_fault(test::LocalRail& rail, const std::function<void(v1::Faults&)>& change) {
    v1::Faults faults;
    change(faults);
    rail.book().set_faults(faults);
}

}  // namespace

TEST_CASE("settlement match: one entry of exactly the amount", "[gateway][settlement]") {
    CHECK(match_entries(expected, {}).kind == Kind::none);
    const auto match = match_entries(expected, {entry("E1", 500)});
    CHECK(match.kind == Kind::exact);
    REQUIRE(match.entries.size() == 1);
    CHECK(match.entries[0].entry_reference() == "E1");
}

TEST_CASE("settlement match: an entry delivered twice is one entry", "[gateway][settlement]") {
    CHECK(match_entries(expected, {entry("E1", 500), entry("E1", 500)}).kind == Kind::exact);
}

TEST_CASE("settlement match: doubled, wrong and half entries never match",
          "[gateway][settlement]") {
    const auto doubled = match_entries(expected, {entry("E1", 500), entry("E2", 500)});
    CHECK(doubled.kind == Kind::differs);
    CHECK(doubled.break_class == v1::BREAK_CLASS_DUPLICATE);
    const auto wrong = match_entries(expected, {entry("E1", 501)});
    CHECK(wrong.kind == Kind::differs);
    CHECK(wrong.break_class == v1::BREAK_CLASS_AMOUNT_DIFF);
    CHECK(match_entries(expected, {entry("E1", 499)}).kind == Kind::differs);
    CHECK(match_entries(expected, {entry("E1", 250), entry("E2", 250)}).kind == Kind::differs);
    CHECK(match_entries(expected, {entry("E1", -500)}).kind == Kind::differs);
}

TEST_CASE("settlement match: what was taken back does not count", "[gateway][settlement]") {
    const auto repaired =
        match_entries(expected, {entry("E1", 507), entry("E2", -507, "E1"), entry("E3", 500)});
    CHECK(repaired.kind == Kind::exact);
    CHECK(repaired.entries[0].entry_reference() == "E3");
    CHECK(match_entries(expected, {entry("E1", 500), entry("E2", -500, "E1")}).kind == Kind::none);
}

TEST_CASE("settlement match: other accounts, transfers and currencies are not ours",
          "[gateway][settlement]") {
    auto other = entry("E1", 500);
    other.set_account("clearing/PHP");
    CHECK(match_entries(expected, {other}).kind == Kind::none);
    other = entry("E1", 500);
    other.set_transfer_id("pay-in/2/1/HKD");
    CHECK(match_entries(expected, {other}).kind == Kind::none);
    other = entry("E1", 500);
    other.set_currency("PHP");
    CHECK(match_entries(expected, {other}).kind == Kind::differs);
}

TEST_CASE("settlement: a closed window settles to the cent on the rail's entries",
          "[gateway][settlement]") {
    ClosedDay day([](test::World&) {});
    CHECK(day.window_state() == "SETTLED");
    CHECK(day.open_breaks().empty());
    auto& rail = day.world.bank->rail();
    CHECK(rail.balance("clearing/HKD") == 0);
    CHECK(rail.balance("clearing/PHP") == 0);
    CHECK(rail.balance("reserve/1/HKD") == 99'900'000);
    CHECK(rail.balance("own/5/HKD") == 100'100'000);
    CHECK(rail.balance("own/5/PHP") == 99'254'141);
    CHECK(rail.balance("reserve/2/PHP") == 100'745'859);
    const auto positions = *day.world.ledger.positions();
    for (const auto& position : positions.positions()) {
        CHECK(position.position_minor() == 0);
    }
}

TEST_CASE(
    "settlement: withheld, doubled and wrong entries leave the window unsettled until the "
    "rail mends them",
    "[gateway][settlement]") {
    struct Row {
        std::string what;
        std::function<void(v1::Faults&)> change;
        bool is_break;
    };
    const auto row = GENERATE(Row{"withheld", [](auto& f) { f.set_withhold_entries(1); }, false},
                              Row{"doubled", [](auto& f) { f.set_duplicate_entries(1); }, true},
                              Row{"wrong",
                                  [](auto& f) {
                                      f.set_wrong_amount_entries(1);
                                      f.set_wrong_by_minor(1);
                                  },
                                  true});
    CAPTURE(row.what);
    ClosedDay day([&](test::World& world) {
        set_fault(world.bank->rail(), [&](v1::Faults& faults) {
            row.change(faults);
            faults.set_account_prefix("reserve/1/HKD");
        });
    });
    CHECK(day.window_state() == "PENDING_SETTLEMENT");
    CHECK(day.open_breaks().size() == (row.is_break ? 1 : 0));
    CHECK(day.world.bank->rail().balance("own/5/HKD") == 100'000'000);
    day.world.bank->rail().book().repair();
    day.world.settle_down();
    CHECK(day.window_state() == "SETTLED");
    CHECK(day.open_breaks().empty());
    CHECK(day.world.bank->rail().balance("own/5/HKD") == 100'100'000);
}

TEST_CASE("settlement: a pay-in that never comes draws cover after the deadline",
          "[gateway][settlement]") {
    ClosedDay day([](test::World& world) {
        set_fault(world.bank->rail(), [](v1::Faults& faults) {
            faults.set_reject_next(1);
            faults.set_account_prefix("reserve/1/HKD");
        });
    });
    CHECK(day.window_state() == "PENDING_SETTLEMENT");
    day.world.pass(4'000'000);
    CHECK(day.window_state() == "SETTLED");
    auto& rail = day.world.bank->rail();
    CHECK(rail.balance("reserve/1/HKD") == 100'000'000);
    CHECK(rail.balance("cover/1/HKD") == 99'900'000);
    CHECK(rail.balance("own/5/HKD") == 100'100'000);
    CHECK(rail.balance("clearing/HKD") == 0);
}

}  // namespace remit::gateway
