#include <catch2/catch.hpp>

#include "test/integration/cli/program.h"

namespace remit::cli {
namespace {

using std::filesystem::perms;

std::string program() {
    return std::string(REMIT_BIN_DIR) + "/remit";
}

int shell(const std::string& line) {
    return WEXITSTATUS(std::system(line.c_str()));  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

TEST_CASE("mistakes: output that cannot be written is told, a reader that leaves is not",
          "[integration][cli]") {
    CHECK(shell(program() + " explain >/dev/full 2>/dev/null") == 7);
    CHECK(shell("test \"$( (" + program() + " explain; echo $? >&2) 2>&1 >/dev/null)\" = 0") == 0);
    CHECK(shell("bash -o pipefail -c '" + program() + " explain | head -1 >/dev/null'") == 0);
}

TEST_CASE("mistakes: a folder of somebody's own is neither taken nor wiped", "[integration][cli]") {
    const StateFolder state;
    std::filesystem::create_directory(state.net());
    std::ofstream(state.net() / "diary") << "mine";
    const auto before = std::filesystem::status(state.net()).permissions();
    const auto up = state.run("devnet up --bare");
    CHECK(up.exit == 7);
    CHECK(up.err.find("error: FOLDER_IN_USE") == 0);
    CHECK(std::filesystem::status(state.net()).permissions() == before);
    CHECK(StateFolder::text_of(state.net() / "diary") == "mine");
    std::filesystem::remove(state.net() / "diary");

    // Nothing half-made stays behind a failure.
    CHECK(state.run("devnet up --bare --rates /nonexistent").exit == 7);
    REQUIRE(state.run("devnet up --bare").exit == 0);
    const auto again = state.run("devnet up --bare --cutoff-seconds 5");
    CHECK(again.exit == 2);
    CHECK(again.err.find("--cutoff-seconds cannot change it any more") != std::string::npos);
    std::ofstream(state.net() / "diary") << "mine";
    REQUIRE(state.run("devnet down --wipe").exit == 0);
    CHECK(StateFolder::text_of(state.net() / "diary") == "mine");
    CHECK_FALSE(std::filesystem::exists(state.net() / "keys"));
}

namespace {

/// No process of the network runs. The network may not have come to be at all.
void check_nothing_runs(const StateFolder& state) {
    const auto status = state.run("-o json devnet status");
    CHECK((status.exit == 7 || status.exit == 8));
    if (status.exit == 8) {
        const auto network = status.json();
        REQUIRE_FALSE(network.at("processes").empty());
        for (const auto& process : network.at("processes")) {
            CHECK(process.at("pid") == 0);
        }
    }
}

/// Starts a network in the background and goes on once its first process has a pid file.
std::string begun(const StateFolder& state) {
    return program() + " --state " + state.net().string() + " devnet up >/dev/null 2>" +
           state.file("interrupted").string() + " & up=$!; until ls " + state.net().string() +
           "/nodes/*/pid >/dev/null 2>&1; do sleep 0.01; done; ";
}

}  // namespace

TEST_CASE("mistakes: Ctrl-C during up leaves no process behind", "[integration][cli]") {
    const StateFolder state;
    // timeout signals the program and then its group: the second signal is the same wish.
    const auto line = "timeout --preserve-status -s INT 0.4 " + program() + " --state " +
                      state.net().string() + " devnet up >/dev/null 2>" +
                      state.file("interrupted").string();
    CHECK(shell(line) == 130);
    check_nothing_runs(state);
}

TEST_CASE("mistakes: a signal that comes twice at once is one wish", "[integration][cli]") {
    const StateFolder state;
    CHECK(shell(begun(state) + "kill -INT $up; sleep 0.005; kill -TERM $up; wait $up") == 130);
    check_nothing_runs(state);
}

TEST_CASE("mistakes: what does not arrive has an exit code of its own", "[integration][cli]") {
    const StateFolder state;
    const auto up = state.run("devnet up --cutoff-seconds 86400");
    INFO(up.err);
    REQUIRE(up.exit == 0);
    const std::string send = "remittance send --from alice@alipayhk --to bob@gcash --amount 5.00";
    REQUIRE(state.run("account set bob@gcash --incoming reject:AC04").exit == 0);
    const auto rejected = state.run(send + " -o json");
    CHECK(rejected.exit == 3);
    CHECK(rejected.json().at("state") == "REJECTED");
    CHECK(nlohmann::json::parse(rejected.err).at("error").at("code") == "REJECTED");
    REQUIRE(state.run("account set bob@gcash --incoming accept").exit == 0);

    // Another operator's certificate moves nothing at a gateway that is not its own.
    for (const auto* verb : {"account fund alice@alipayhk --amount 1.00 --as gcash",
                             "account withdraw alice@alipayhk --amount 1.00 --as gcash",
                             "account show alice@alipayhk --as gcash", "bank publish --as gcash"}) {
        CAPTURE(verb);
        const auto denied = state.run(verb);
        CHECK(denied.exit == 6);
        CHECK(denied.err.find("error: NOT_YOUR_GATEWAY") == 0);
    }
    CHECK(state.run(send + " --as gcash").exit == 6);

    // The id of the JSON form is good for the next command, and money sent twice under it once.
    const auto sent = state.run(send + " -o json");
    REQUIRE(sent.exit == 0);
    const auto uetr = sent.json().at("uetr").get<std::string>();
    CHECK(state.run("remittance show " + uetr).exit == 0);
    CHECK(state.run("tx get " + sent.json().at("transaction_id").get<std::string>()).exit == 0);
    const auto fund =
        "account fund alice@alipayhk --amount 1.00 --id 00000000-0000-4000-8000-000000000001";
    CHECK(state.run(fund).exit == 0);
    CHECK(state.run(fund).exit == 0);
    const auto alice = state.run("-o json account show alice@alipayhk").json();
    CHECK(alice.at("balance_minor") == "499600");

    REQUIRE(state.run("devnet kill gateway-gcash").exit == 0);
    const auto silent = state.run(
        "remittance send --from alice@alipayhk --to carol@gcash "
        "--amount 5.00");
    CHECK(silent.exit == 5);
    CHECK(silent.err.find("error: PAYEE_OPERATOR_SILENT") == 0);
    CHECK(state.run("node status --node gateway-gcash").exit == 2);
}

}  // namespace remit::cli
