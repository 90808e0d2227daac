#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "test/integration/cli/program.h"

namespace remit::cli {
namespace {

constexpr const char* with_both = "11111111-1111-4111-8111-111111111111";
constexpr const char* with_one = "22222222-2222-4222-8222-222222222222";

/// What the payee gets for 100.00 HKD, and from whom.
struct Delivered {
    std::uint32_t maker = 0;
    std::string target_minor;
    std::string window;
};

Delivered send(const StateFolder& state, const std::string& uetr) {
    const auto sent = state.run(
        "remittance send --from alice@alipayhk --to bob@gcash --amount 100.00 --currency HKD "
        "--uetr " +
        uetr);
    INFO(sent.err);
    REQUIRE(sent.exit == 0);
    const auto shown = state.run("-o json remittance show " + uetr).json();
    return {shown.at("maker_ids").at(0), shown.at("target_minor"), shown.at("window_id")};
}

std::string with(std::string text, const std::string& old, const std::string& fresh) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), fresh);
}

}  // namespace

TEST_CASE("two makers: the better price wins, the other stands in, both settle",
          "[integration][cli]") {
    const StateFolder state;
    const auto up = state.run("devnet up --makers 2 --cutoff-seconds 20 --window-seconds 600");
    INFO(up.err);
    REQUIRE(up.exit == 0);
    CHECK(state.run("gateway status gateway-fxdesk2").exit == 0);
    CHECK(state.run("gateway reconcile gateway-fxdesk2").exit == 2);

    // 7.4735393996 less 15 basis points, then less 20; rounded down to the cent.
    const auto best = send(state, with_both);
    CHECK(best.maker == 6);
    CHECK(best.target_minor == "74623");
    REQUIRE(state.run("devnet kill gateway-fxdesk2").exit == 0);
    const auto other = send(state, with_one);
    CHECK(other.maker == 5);
    CHECK(other.target_minor == "74585");

    // The dead maker owes PHP: the window waits for it, and settles when it is back.
    REQUIRE(state.window_comes_to(best.window, "PENDING_SETTLEMENT"));
    std::this_thread::sleep_for(std::chrono::seconds(3));
    CHECK(state.window_comes_to(best.window, "PENDING_SETTLEMENT"));
    REQUIRE(state.run("devnet start gateway-fxdesk2").exit == 0);
    REQUIRE(state.window_comes_to(best.window, "SETTLED"));
    const auto totals = state.run("-o json ledger totals").json();
    for (const auto& total : totals.at("totals")) {
        CHECK(total.at("sum_minor") == "0");
        CHECK(total.at("clearing_minor") == "0");
    }
    const auto reconciled = state.run("gateway reconcile gateway-clearbank");
    INFO(reconciled.out << reconciled.err);
    CHECK(reconciled.exit == 0);
}

TEST_CASE("two makers: a desk without the role, the key or the rail says so and ends",
          "[integration][cli]") {
    const StateFolder state;
    CHECK(state.run("devnet up --makers 2 --bare").exit == 2);
    CHECK(state.run("devnet up --makers 3").exit == 2);
    REQUIRE(state.run("devnet up --makers 2").exit == 0);
    CHECK(state.run("devnet up --makers 2").exit == 2);  // there is a network: no settings
    REQUIRE(state.run("devnet kill gateway-fxdesk2").exit == 0);
    const auto file = state.net() / "gateways/gateway-fxdesk2/gateway.toml";
    const auto good = StateFolder::text_of(file);
    const auto run = [&](const std::string& text) {
        std::ofstream(file, std::ios::trunc) << text;
        const auto line = std::string("timeout 20 ") + REMIT_BIN_DIR +
                          "/remit-gateway maker --config " + file.string() + " >" +
                          state.file("told").string() + " 2>&1";
        const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe)
        return std::pair(WEXITSTATUS(status), StateFolder::text_of(state.file("told")));
    };
    const auto no_role = run(with(good, "participant = 6", "participant = 1"));
    CHECK(no_role.first == 7);
    CHECK(no_role.second.find("MARKET_MAKER") != std::string::npos);
    const auto other_key = run(with(good, "fxdesk2/quote.key", "gcash/operate.key"));
    CHECK(other_key.first == 6);
    CHECK(other_key.second.find("keys") != std::string::npos);
    const auto no_rail = run(with(good, "[clearing]", "[clearance]"));
    CHECK(no_rail.first == 7);
    CHECK(no_rail.second.find("clearance") != std::string::npos);
}

}  // namespace remit::cli
