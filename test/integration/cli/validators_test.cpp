#include <catch2/catch.hpp>

#include "test/integration/cli/program.h"

namespace remit::cli {
namespace {

nlohmann::json validators(const StateFolder& state) {
    const auto answer = state.run("-o json validator list");
    INFO(answer.err);
    REQUIRE(answer.exit == 0);
    return answer.json();
}

bool approve(const StateFolder& state, const std::string& file) {
    bool done = true;
    for (const std::string organisation : {"alipayhk", "gcash", "clearbank"}) {
        done = state.run("governance approve " + file + " --as " + organisation).exit == 0 && done;
    }
    return done;
}

}  // namespace

TEST_CASE("validators: organisations plan a smaller set, and it takes over at the epoch's end",
          "[integration][cli]") {
    const StateFolder state;
    REQUIRE(state.run("devnet up --bare --epoch-blocks 20 --cutoff-seconds 86400").exit == 0);
    CHECK(validators(state).at("in_force").at("validators").size() == 4);
    CHECK_FALSE(validators(state).contains("planned"));
    const auto table = state.run("validator list").out;
    CHECK(table.find("leads") != std::string::npos);
    CHECK(table.find("debt") != std::string::npos);

    const auto file = state.file("plan.json").string();
    CHECK(state.run("validator plan --remove nobody --out " + file).exit == 2);
    REQUIRE(state.run("validator plan --remove regulator --out " + file).exit == 0);
    CHECK(state.run("validator plan --remove regulator --out " + file).exit == 2);  // it is there
    CHECK(state.run("governance show " + file).out.find("nobody") != std::string::npos);

    // Another place and certificate are planned like a set; who joins is told whom to join by.
    const auto moved = state.file("moved.json").string();
    const std::string pin(64, 'a');
    CHECK(state.run("validator plan --move regulator --out " + moved).exit == 2);
    CHECK(state.run("validator plan --certificate regulator=abc --out " + moved).exit != 0);
    REQUIRE(state
                .run("validator plan --move regulator=10.0.0.9:7000 --certificate regulator=" +
                     pin + " --out " + moved)
                .exit == 0);
    CHECK(state.run("governance show " + moved).out.find("10.0.0.9:7000") != std::string::npos);
    const auto peers = state.run("validator list --peers").out;
    CHECK(peers.find("[peers]") != std::string::npos);
    CHECK(peers.find("gcash = \"") != std::string::npos);

    // Consensus parameters change with the set; what cannot be is said before anybody signs.
    const auto other = state.file("params.json").string();
    const auto refused = [&](const std::string& words, const std::string& why) {
        const auto answer = state.run("validator plan " + words + " --out " + other);
        INFO(answer.err);
        CHECK(answer.exit == 2);
        CHECK(answer.err.find(why) != std::string::npos);
    };
    refused("--set lag_max=0", "from 1 to 256");
    refused("--set lag_max=257", "from 1 to 256");
    refused("--set lag_max=many", "'many' is no value");
    refused("--set expiry_window=9", "delta_ms_min, delta_ms_max, lag_max");
    refused("--set lag_max=8 --set lag_max=9", "said twice");
    CHECK(validators(state).at("in_force").at("parameters").at("lag_max") == 16);
    REQUIRE(state
                .run("validator plan --remove regulator --set lag_max=8 --set "
                     "block_bytes_max=2097152 --out " +
                     other)
                .exit == 0);
    const auto shown = state.run("-o json governance show " + other).json();
    CHECK(shown.at("validators").at("parameters").size() == 2);
    CHECK(shown.at("validators").at("parameters").at("block_bytes_max") == 2'097'152);
    CHECK(state.run("governance show " + other).out.find("lag_max") != std::string::npos);
    std::filesystem::rename(other, file);

    const auto alone = state.run("governance submit " + file + " --as alipayhk");
    CHECK(alone.exit == 3);
    CHECK(alone.err.find("THRESHOLD_NOT_MET") != std::string::npos);
    REQUIRE(approve(state, file));
    REQUIRE(state.run("governance approve " + file + " --as gcash").exit == 0);  // nothing new
    const auto submitted = state.run("governance submit " + file + " --as alipayhk");
    INFO(submitted.err);
    REQUIRE(submitted.exit == 0);
    CHECK(state.run("governance submit " + file + " --as alipayhk").exit == 3);  // used

    bool smaller = false;
    for (int i = 0; i < 60 && !smaller; ++i) {
        REQUIRE(state.run("bench load --remittances 20 --batch 1 --wallets 4 --clients 2").exit ==
                0);
        smaller = validators(state).at("in_force").at("validators").size() == 3;
    }
    REQUIRE(smaller);
    const auto after = validators(state);
    CHECK(after.at("epoch") != "1");
    CHECK_FALSE(after.contains("planned"));
    for (const auto& each : after.at("in_force").at("validators")) {
        CHECK(each.at("name") != "regulator");
    }
    const auto& params = after.at("in_force").at("parameters");
    CHECK(params.at("lag_max") == 8);
    CHECK(params.at("block_bytes_max") == 2'097'152);
    CHECK(params.at("author_window") == 64);
    CHECK(state.run("validator list").out.find("block_bytes_max") != std::string::npos);
    const auto ledger = state.run("-o json ledger totals").json();
    REQUIRE_FALSE(ledger.at("totals").empty());
    for (const auto& total : ledger.at("totals")) {
        CHECK(total.at("sum_minor") == "0");
    }
}

TEST_CASE("governance: files that are no action, and nobody to act for, are said to be wrong",
          "[integration][cli]") {
    const StateFolder state;
    REQUIRE(state.run("devnet up --bare").exit == 0);
    const auto file = state.file("action.json").string();
    CHECK(state.run("governance show " + file).exit == 4);
    std::ofstream(file) << "{\"open_account\":{}}";
    CHECK(state.run("governance show " + file).exit == 7);
    CHECK(state.run("governance approve " + file + " --as gcash").exit == 7);
    CHECK(state.run("governance approve " + file).exit == 2);
    std::ofstream(state.file("content.json")) << "{}";
    const auto out = state.file("new.json").string();
    CHECK(state.run("governance propose " + state.file("content.json").string() + " --out " + out)
              .exit == 2);
    std::ofstream(state.file("content.json")) << R"({"calendar":{}})";
    CHECK(state
              .run("governance propose " + state.file("content.json").string() +
                   " --valid-days 8 --out " + out)
              .exit == 2);
    REQUIRE(state.run("governance propose " + state.file("content.json").string() + " --out " + out)
                .exit == 0);
    CHECK(state.run("governance show " + out).out.find("calendar") != std::string::npos);
}

}  // namespace remit::cli
