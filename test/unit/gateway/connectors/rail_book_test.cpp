#include "gateway/connectors/rail_book.h"

#include <catch2/catch.hpp>

#include "test/support/node/memory_kv.h"

namespace remit::gateway {

namespace {

class FixedClock final : public node::Clock {
public:
    [[nodiscard]] std::int64_t mono_ms() const override { return 0; }
    [[nodiscard]] std::int64_t wall_ms() const override { return 1'735'776'000'000; }
};

struct Fixture {
    test::MemoryKv kv;
    FixedClock clock;
    RailBook book{kv, clock};

    Fixture() {
        open("operator/HKD", "HKD", 100'000);
        open("customer/alice/HKD", "HKD", 5'000);
        open("operator/PHP", "PHP", 0);
    }
    std::string open(const std::string& name, const std::string& currency, std::int64_t minor) {
        v1::RailAccount account;
        account.set_account(name);
        account.set_currency(currency);
        account.set_opening_minor(minor);
        return book.open({account}).front();
    }
    [[nodiscard]] std::int64_t balance(const std::string& name) const {
        const auto balances = book.balances(name);
        for (const auto& balance : balances.balances()) {
            if (balance.account() == name) {
                return balance.balance_minor();
            }
        }
        return -1;
    }
    std::vector<v1::RailEntry> entries(const std::string& prefix = "") {
        v1::ListEntriesRequest request;
        request.set_account_prefix(prefix);
        request.set_limit(1000);
        const auto answer = book.entries(request);
        return {answer.entries().begin(), answer.entries().end()};
    }
};

v1::Transfer payout(const std::string& id, std::int64_t minor = 1'000) {
    v1::Transfer transfer;
    transfer.set_transfer_id(id);
    transfer.set_uetr("7d3d4b1e-0e6c-4b9b-8c61-54e2ab8f0a01");
    transfer.set_debit_account("operator/HKD");
    transfer.set_credit_account("customer/alice/HKD");
    transfer.set_currency("HKD");
    transfer.set_amount_minor(minor);
    return transfer;
}

}  // namespace

TEST_CASE("rail book: a transfer moves exactly its amount and books both sides",
          "[gateway][rail]") {
    Fixture rail;
    const auto result = rail.book.submit({payout("p1", 1'234)}).front();
    CHECK(result.outcome() == v1::TRANSFER_OUTCOME_ACCEPTED);
    CHECK(result.booking_date() == "2025-01-02");
    CHECK(rail.balance("operator/HKD") == 98'766);
    CHECK(rail.balance("customer/alice/HKD") == 6'234);
    CHECK(rail.balance("world/HKD") == -105'000);
    const auto entries = rail.entries();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].account() == "operator/HKD");
    CHECK(entries[0].amount_minor() == -1'234);
    CHECK(entries[1].account() == "customer/alice/HKD");
    CHECK(entries[1].amount_minor() == 1'234);
    CHECK(entries[1].entry_reference() == result.entry_reference());
    CHECK(entries[0].cursor() < entries[1].cursor());
}

TEST_CASE("rail book: the same id with the same content is paid once and answers the same",
          "[gateway][rail]") {
    Fixture rail;
    const auto first = rail.book.submit({payout("p1")}).front();
    const auto again = rail.book.submit({payout("p1"), payout("p1")});
    for (const auto& result : again) {
        CHECK(result.outcome() == v1::TRANSFER_OUTCOME_DUPLICATE);
        CHECK(result.same());
        CHECK(result.entry_reference() == first.entry_reference());
    }
    CHECK(rail.balance("customer/alice/HKD") == 6'000);
    const auto paid = rail.book.paid({payout("p1").uetr()}).front();
    CHECK(paid.count() == 1);
    CHECK(paid.amount_minor() == 1'000);
}

TEST_CASE("rail book: the same id with another content pays nothing and says so",
          "[gateway][rail]") {
    Fixture rail;
    rail.book.submit({payout("p1", 1'000)});
    const auto other = rail.book.submit({payout("p1", 2'000)}).front();
    CHECK(other.outcome() == v1::TRANSFER_OUTCOME_DUPLICATE);
    CHECK_FALSE(other.same());
    CHECK(rail.balance("customer/alice/HKD") == 6'000);
}

TEST_CASE("rail book: two ids under one UETR are counted twice", "[gateway][rail]") {
    Fixture rail;
    rail.book.submit({payout("p1"), payout("p2")});
    CHECK(rail.book.paid({payout("p1").uetr()}).front().count() == 2);
}

TEST_CASE("rail book: what cannot be booked is refused for ever", "[gateway][rail]") {
    Fixture rail;
    struct Row {
        std::string what;
        std::function<void(v1::Transfer&)> change;
        std::string reason;
    };
    const auto row = GENERATE(
        Row{"too much", [](auto& t) { t.set_amount_minor(100'001); }, "AM04"},
        Row{"zero", [](auto& t) { t.set_amount_minor(0); }, "AM12"},
        Row{"negative", [](auto& t) { t.set_amount_minor(-5); }, "AM12"},
        Row{"overflow", [](auto& t) { t.set_amount_minor(1'000'000'000'000'000); }, "AM12"},
        Row{"unknown account", [](auto& t) { t.set_credit_account("nobody/HKD"); }, "AC03"},
        Row{"itself", [](auto& t) { t.set_credit_account("operator/HKD"); }, "AC03"},
        Row{"money from outside", [](auto& t) { t.set_debit_account("world/HKD"); }, "AC03"},
        Row{"other currency", [](auto& t) { t.set_credit_account("operator/PHP"); }, "AM03"},
        Row{"no UETR", [](auto& t) { t.set_uetr("not-a-uuid"); }, "FF01"});
    CAPTURE(row.what);
    auto transfer = payout("p1");
    row.change(transfer);
    const auto result = rail.book.submit({transfer}).front();
    CHECK(result.outcome() == v1::TRANSFER_OUTCOME_REJECTED);
    CHECK(result.reason() == row.reason);
    CHECK(rail.balance("operator/HKD") == 100'000);
    CHECK(rail.book.query("p1").status() == v1::TRANSFER_STATUS_REJECTED);
    CHECK(rail.book.submit({transfer}).front().outcome() == v1::TRANSFER_OUTCOME_REJECTED);
    CHECK(rail.entries().empty());
}

TEST_CASE("rail book: an account keeps the terms it was opened on", "[gateway][rail]") {
    Fixture rail;
    CHECK(rail.open("customer/bob/HKD", "HKD", 70) == "");
    CHECK(rail.open("customer/bob/HKD", "HKD", 70) == "");
    CHECK(rail.open("customer/bob/HKD", "HKD", 71).starts_with("ID_REUSED"));
    CHECK(rail.open("customer/bob/HKD", "PHP", 70).starts_with("ID_REUSED"));
    CHECK(rail.open("world/HKD", "HKD", 1).starts_with("FF01"));
    CHECK(rail.balance("customer/bob/HKD") == 70);
}

TEST_CASE("rail book: everything survives the process", "[gateway][rail]") {
    Fixture rail;
    const auto first = rail.book.submit({payout("p1")}).front();
    RailBook reopened(rail.kv, rail.clock);
    CHECK(reopened.query("p1").status() == v1::TRANSFER_STATUS_SETTLED);
    CHECK(reopened.submit({payout("p1")}).front().entry_reference() == first.entry_reference());
    const auto next = reopened.submit({payout("p2")}).front();
    CHECK(next.entry_reference() > first.entry_reference());
}

TEST_CASE("rail book: withheld entries appear when repaired, money has moved before",
          "[gateway][rail]") {
    Fixture rail;
    v1::Faults faults;
    faults.set_withhold_entries(1);
    rail.book.set_faults(faults);
    const auto result = rail.book.submit({payout("p1")}).front();
    CHECK(rail.balance("customer/alice/HKD") == 6'000);
    CHECK(rail.entries().empty());
    CHECK(rail.book.repair() == 1);
    CHECK(rail.book.repair() == 0);
    const auto entries = rail.entries("customer/");
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].entry_reference() == result.entry_reference());
}

TEST_CASE("rail book: doubled and wrong entries are reversed when repaired", "[gateway][rail]") {
    Fixture rail;
    v1::Faults faults;
    faults.set_duplicate_entries(1);
    faults.set_wrong_amount_entries(1);
    faults.set_wrong_by_minor(7);
    rail.book.set_faults(faults);
    rail.book.submit({payout("p1", 100)});
    rail.book.submit({payout("p2", 200)});
    const auto listed = [&] {
        std::int64_t sum = 0;
        for (const auto& entry : rail.entries("customer/")) {
            sum += entry.amount_minor();
        }
        return sum;
    };
    CHECK(listed() == 100 + 100 + 207);
    CHECK(rail.book.repair() == 2);
    CHECK(listed() == 300);
}

TEST_CASE("rail book: a fault can be meant for one account only", "[gateway][rail]") {
    Fixture rail;
    v1::Faults faults;
    faults.set_reject_next(1);
    faults.set_reject_reason("AC06");
    faults.set_account_prefix("customer/carol");
    rail.book.set_faults(faults);
    rail.open("customer/carol/HKD", "HKD", 0);
    CHECK(rail.book.submit({payout("p1")}).front().outcome() == v1::TRANSFER_OUTCOME_ACCEPTED);
    auto to_carol = payout("p2");
    to_carol.set_credit_account("customer/carol/HKD");
    CHECK(rail.book.submit({to_carol}).front().reason() == "AC06");
}

TEST_CASE("rail book: a fault stays set when the rail comes back", "[gateway][rail]") {
    Fixture rail;
    v1::Faults faults;
    faults.set_reject_next(1);
    rail.book.set_faults(faults);
    RailBook reopened(rail.kv, rail.clock);
    CHECK(reopened.faults().reject_next() == 1);
    CHECK(reopened.submit({payout("p1")}).front().reason() == "AC04");
    CHECK(reopened.submit({payout("p2")}).front().outcome() == v1::TRANSFER_OUTCOME_ACCEPTED);
}

TEST_CASE("rail book: entries are listed by cursor, again when a fault says so",
          "[gateway][rail]") {
    Fixture rail;
    rail.book.submit({payout("p1"), payout("p2"), payout("p3")});
    v1::ListEntriesRequest request;
    request.set_account_prefix("customer/");
    request.set_limit(2);
    auto answer = rail.book.entries(request);
    CHECK(answer.entries_size() == 2);
    request.set_after_cursor(answer.last_cursor());
    answer = rail.book.entries(request);
    REQUIRE(answer.entries_size() == 1);
    CHECK(answer.entries(0).transfer_id() == "p3");
    request.set_after_cursor(answer.last_cursor());
    CHECK(rail.book.entries(request).entries_size() == 0);
    v1::Faults faults;
    faults.set_repeat_deliveries(1);
    rail.book.set_faults(faults);
    CHECK(rail.book.entries(request).entries_size() == 2);
    CHECK(rail.book.entries(request).entries_size() == 0);
}

}  // namespace remit::gateway
