#include <catch2/catch.hpp>

#include "test/integration/cli/program.h"
#include "test/support/node/free_port.h"

namespace remit::cli {

TEST_CASE("devnet: a port in use is named, with exit 7", "[integration][cli]") {
    const StateFolder state;
    const node::TakenPort taken;
    const auto port = taken.number();
    REQUIRE(port != 0);
    const auto up = state.run("devnet up --bare --base-port " + std::to_string(port));
    CHECK(up.exit == 7);
    CHECK(up.err.find("error: PORT_IN_USE: port " + std::to_string(port) + " is taken") == 0);
}

TEST_CASE("devnet: nobody else may look into the folder, keys are 0600", "[integration][cli]") {
    const StateFolder state;
    REQUIRE(state.run("devnet up --bare").exit == 0);
    using std::filesystem::perms;
    CHECK(std::filesystem::status(state.net()).permissions() == perms::owner_all);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(state.net())) {
        if (entry.path().extension() == ".key") {
            CAPTURE(entry.path().string());
            CHECK(entry.status().permissions() == (perms::owner_read | perms::owner_write));
        }
    }
    // A key that others may read is refused before anything is signed.
    std::ofstream(state.file("body.json")) << R"({"operations":[]})";
    std::filesystem::permissions(state.net() / "keys/alipayhk/operate.key",
                                 perms::owner_all | perms::others_read);
    const auto submit =
        state.run("tx submit " + state.file("body.json").string() + " --as alipayhk");
    CHECK(submit.exit == 6);
    CHECK(submit.err.find("error: KEY_FILE") == 0);
}

TEST_CASE("devnet: killed, seen down, started again, stopped, unreachable", "[integration][cli]") {
    const StateFolder state;
    CHECK(state.run("devnet status").exit == 7);
    const auto up = state.run("-o json -q devnet up --bare");
    INFO(up.err);
    REQUIRE(up.exit == 0);
    CHECK(up.json().at("processes").size() == 4);
    CHECK(state.run("devnet up --bare").exit == 0);
    CHECK(state.run("devnet status").exit == 0);
    CHECK(state.run("node status").exit == 0);

    CHECK(state.run("devnet kill regulatr").exit == 2);
    CHECK(state.run("devnet kill regulator").exit == 0);
    CHECK(state.run("devnet kill regulator").exit == 4);
    CHECK(state.run("devnet status").exit == 8);
    CHECK(state.run("node status --node regulator").exit == 8);
    CHECK(state.run("node status --node gcash").exit == 0);
    CHECK(state.run("devnet start regulator").exit == 0);
    CHECK(state.run("devnet start regulator").exit == 3);
    CHECK(state.run("node status").exit == 0);

    CHECK(state.run("devnet down").exit == 0);
    const auto asked = state.run("block show");
    CHECK(asked.exit == 8);
    CHECK(asked.err.find("error: UNREACHABLE") == 0);
}

TEST_CASE("devnet: with --signer a validator votes by its signer alone, and both come and go",
          "[integration][cli]") {
    const StateFolder state;
    const auto up = state.run("-o json -q devnet up --bare --signer");
    INFO(up.err);
    REQUIRE(up.exit == 0);
    const auto started = up.json();
    REQUIRE(started.at("processes").size() == 8);
    int signers = 0;
    for (const auto& process : started.at("processes")) {
        signers += process.at("kind") == "signer" ? 1 : 0;
        CHECK(process.at("ready") == true);
        CHECK(process.at("pid") > 0);
    }
    CHECK(signers == 4);
    // The node has no key: only its signer does.
    const auto node = StateFolder::text_of(state.net() / "nodes/regulator/node.toml");
    CHECK(node.find("validate.key") == std::string::npos);
    CHECK(node.find("signer-regulator/socket") != std::string::npos);

    CHECK(state.run("devnet kill signer-regulator").exit == 0);
    const auto without = state.run("-o json devnet status");
    CHECK(without.exit == 8);
    const auto status = without.json();
    REQUIRE(status.at("processes").size() == 8);
    for (const auto& process : status.at("processes")) {
        CAPTURE(process.at("name"));
        const bool away = process.at("name") == "signer-regulator";
        CHECK((process.at("pid") == 0) == away);
        if (away) {
            CHECK(process.at("ready") == false);
        }
    }
    CHECK(state.run("devnet start signer-regulator").exit == 0);
    CHECK(state.run("devnet start signer-regulator").exit == 3);
    bool ready = false;
    for (int i = 0; i < 300 && !ready; ++i) {  // the node finds it again by itself
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        ready = state.run("devnet status").exit == 0;
    }
    CHECK(ready);
    // Two validators die with their signers: all of it comes back, and the journals remember.
    for (const auto* name : {"gcash", "signer-gcash", "clearbank", "signer-clearbank"}) {
        CHECK(state.run(std::string("devnet kill ") + name).exit == 0);
    }
    CHECK(state.run("devnet up --bare --signer").exit == 0);
    CHECK(state.run("devnet status").exit == 0);
    CHECK(state.run("node status").exit == 0);
    CHECK(StateFolder::text_of(state.net() / "signers/signer-gcash/log").find("signer_locked") ==
          std::string::npos);

    const auto down = state.run("-o json devnet down");
    CHECK(down.exit == 0);
    CHECK(down.json().at("stopped") == 8);
    CHECK_FALSE(std::filesystem::exists(state.net() / "signers/signer-gcash/socket"));
}

TEST_CASE("devnet: a network without signers does not get them later", "[integration][cli]") {
    const StateFolder state;
    REQUIRE(state.run("devnet up --bare").exit == 0);
    const auto again = state.run("devnet up --signer");
    CHECK(again.exit == 2);
    CHECK(again.err.find("--signer cannot change it any more") != std::string::npos);
}

}  // namespace remit::cli
