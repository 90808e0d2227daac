#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/crash_points.h"
#include "test/integration/gateway/network_driver.h"

namespace remit::gateway {

namespace {

constexpr int killed = 137;  // 128 + SIGKILL

/// Windows close every few seconds, so that each life sees settlement too.
constexpr const char* busy_days =
    "devnet up --cutoff-seconds 25 --window-seconds 8 --pay-in-seconds 12";

bool has_prefix(std::string_view name, std::initializer_list<std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<CrashPointInfo> points(std::initializer_list<std::string_view> prefixes) {
    std::vector<CrashPointInfo> out;
    for (const auto& point : crash_point_table()) {
        if (has_prefix(point.name, prefixes)) {
            out.push_back(point);
        }
    }
    return out;
}

/// Dies at the point while a customer's round is under way, comes back, and the round ends well.
void die_and_come_back(Victim& victim, Clients& clients, const CrashPointInfo& point,
                       const std::function<void()>& provoke = {},
                       const std::set<std::int64_t>& paid_minor = {7'458}) {
    CAPTURE(point.name);
    const std::string round = std::to_string(static_cast<int>(point.point));
    victim.start(std::string(point.name));
    const bool died = test::eventually(
        [&] {
            if (provoke) {
                provoke();
            }
            clients.live(round);
            return !victim.is_running();
        },
        std::chrono::seconds(40));
    CHECK(died);
    CHECK(victim.wait(std::chrono::seconds(1)) == killed);
    victim.kill();
    victim.start();
    const bool lived = test::eventually([&] { return clients.live(round); });
    INFO(clients.states(round));
    CHECK(lived);
    clients.check(round, paid_minor);
    victim.kill();  // as it is, in the middle of whatever it does
}

}  // namespace

TEST_CASE("gateways: a thousand remittances in one call all arrive", "[integration][gateway]") {
    const cli::StateFolder state;
    REQUIRE(state.run("devnet up").exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    constexpr int count = 1'000;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(clients.send_many(count) == count);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::steady_clock::now() - begin)
                        .count();
    WARN(count << " remittances from intent to credit in " << ms << " ms");
    clients.check_books();
}

TEST_CASE("payer's gateway: kill -9 at every write and call neither loses nor doubles",
          "[integration][gateway]") {
    const cli::StateFolder state;
    REQUIRE(state.run(busy_days).exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    Victim victim(state, "wallet", "gateway-alipayhk");
    for (const auto& point :
         points({"saga.", "outbox.before", "outbox.write.open", "outbox.write.fund",
                 "outbox.write.defund", "outbox.write.prepare", "outbox.write.return_accept",
                 "ledger.", "rail.", "block."})) {
        die_and_come_back(victim, clients, point);
    }
    victim.start();
    clients.check_books();
}

TEST_CASE("payee's gateway and its rail: kill -9 at every write and call pays once",
          "[integration][gateway]") {
    const cli::StateFolder state;
    REQUIRE(state.run(busy_days).exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    {
        Victim victim(state, "wallet", "gateway-gcash");
        for (const auto& point :
             points({"outbox.write.accept", "outbox.write.reject", "outbox.write.confirm",
                     "outbox.write.fail_credit", "outbox.write.return_prepare", "ledger.",
                     "rail.payout", "rail.result", "block."})) {
            die_and_come_back(victim, clients, point);
        }
        victim.kill();
    }
    REQUIRE(state.run("devnet start gateway-gcash").exit == 0);
    Victim rail(state, "rail", "rail-gcash");
    for (const auto& point : points({"book."})) {
        die_and_come_back(rail, clients, point);
    }
    rail.start();
    clients.check_books();
}

TEST_CASE("second maker's gateway: kill -9 at every write and call, the bank's desk stands in",
          "[integration][gateway]") {
    const cli::StateFolder state;
    REQUIRE(state.run("devnet up --makers 2 --cutoff-seconds 6 --window-seconds 4").exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    Victim victim(state, "maker", "gateway-fxdesk2");
    for (const auto& point : points({"block.", "rail.clearing", "quote."})) {
        // 10.00 HKD at 15 bps off the mark, or at the bank's 20 while this maker is away.
        die_and_come_back(victim, clients, point, [&] { clients.trade(); }, {7'462, 7'458});
    }
    victim.start();
    clients.check_books();
}

TEST_CASE("bank's gateway: kill -9 at every write and call settles every window to the cent",
          "[integration][gateway]") {
    const cli::StateFolder state;
    REQUIRE(state.run(busy_days).exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    Victim victim(state, "bank", "gateway-clearbank");
    const auto publish = [&] {
        v1::PublishNowResponse response;
        call(*clients.bank, &v1::BankService::Stub::PublishNow, v1::PublishNowRequest(), response,
             std::chrono::seconds(20));
    };
    for (const auto& point :
         points({"outbox.write.bank_mark", "outbox.write.attest", "outbox.write.settle_confirm",
                 "rail.clearing", "entries.", "quote."})) {
        const bool published = has_prefix(point.name, {"outbox.write.bank", "outbox.write.at"});
        die_and_come_back(victim, clients, point, published ? publish : std::function<void()>());
    }
    // A pay-in that the rail refuses: the draw of cover dies and comes back too.
    v1::SetFaultsRequest faults;
    faults.mutable_faults()->set_reject_next(1);
    faults.mutable_faults()->set_account_prefix("reserve/1/HKD");
    v1::SetFaultsResponse before;
    REQUIRE(call(*clients.bank_admin, &v1::RailAdminService::Stub::SetFaults, faults, before,
                 std::chrono::seconds(20))
                .ok());
    victim.start("outbox.write.settle_fail");
    clients.live("draw");
    CHECK(victim.wait(std::chrono::seconds(60)) == killed);
    victim.start();
    clients.check_books();
}

}  // namespace remit::gateway
