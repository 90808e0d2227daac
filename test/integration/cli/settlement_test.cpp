#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "test/integration/cli/program.h"

namespace remit::cli {
namespace {

constexpr const char* uetrs[] = {"11111111-1111-4111-8111-111111111111",
                                 "22222222-2222-4222-8222-222222222222",
                                 "33333333-3333-4333-8333-333333333333"};

}  // namespace

TEST_CASE("settlement: a withheld, doubled or wrong entry of the bank leaves the window unsettled",
          "[integration][cli]") {
    const StateFolder state;
    const auto up = state.run("devnet up --cutoff-seconds 12 --window-seconds 12");
    INFO(up.err);
    REQUIRE(up.exit == 0);
    const std::string faults[] = {"--withhold 1", "--duplicate 1", "--wrong-amount 1"};
    for (std::size_t i = 0; i < std::size(faults); ++i) {
        CAPTURE(faults[i]);
        // Pay-ins of HKD are what goes wrong: the payer's operator owes HKD.
        REQUIRE(state.run("rail faults rail-clearbank --prefix clearing/HKD " + faults[i]).exit ==
                0);
        const auto sent =
            state.run(std::string("remittance send --from alice@alipayhk --to bob@gcash --amount "
                                  "100.00 --currency HKD --uetr ") +
                      uetrs[i]);
        INFO(sent.err);
        REQUIRE(sent.exit == 0);
        const std::string window =
            state.run(std::string("-o json remittance show ") + uetrs[i]).json().at("window_id");
        REQUIRE(state.window_comes_to(window, "PENDING_SETTLEMENT"));
        std::this_thread::sleep_for(std::chrono::seconds(3));
        CHECK(state.window_state(window) == "PENDING_SETTLEMENT");
        REQUIRE(state.run("rail repair rail-clearbank").exit == 0);
        REQUIRE(state.window_comes_to(window, "SETTLED"));
    }
    const auto totals = state.run("-o json ledger totals").json();
    for (const auto& total : totals.at("totals")) {
        CHECK(total.at("sum_minor") == "0");
        CHECK(total.at("clearing_minor") == "0");
    }
    const auto reconciled = state.run("gateway reconcile gateway-clearbank");
    INFO(reconciled.out << reconciled.err);
    CHECK(reconciled.exit == 0);
}

}  // namespace remit::cli
