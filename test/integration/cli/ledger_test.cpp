#include <catch2/catch.hpp>

#include "ledger/base/bytes.h"
#include "test/integration/cli/program.h"

namespace remit::cli {
namespace {

/// Base64 of the API's JSON as hexadecimal, through the ids' own 32 bytes.
std::string hex_of_base64(const std::string& text) {
    static const std::string digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Bytes out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = digits.find(c);
        if (value == std::string::npos) {
            break;
        }
        bits = (bits << 6U) | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU));
        }
    }
    return to_hex(out);
}

}  // namespace

TEST_CASE("ledger: load through the nodes is credited, sums to zero, is proven offline",
          "[integration][cli]") {
    const StateFolder state;
    REQUIRE(state.run("devnet up --bare --cutoff-seconds 86400").exit == 0);
    const auto load =
        state.run("-o json bench load --remittances 100 --batch 20 --wallets 10 --clients 4");
    INFO(load.err);
    REQUIRE(load.exit == 0);
    CHECK(load.json().at("by_state").at("CREDITED") == 100);
    CHECK(load.json().at("submit_to_final").at("count") == 100);

    const auto totals = state.run("-o json ledger totals").json();
    REQUIRE(totals.at("totals").size() == 2);
    for (const auto& total : totals.at("totals")) {
        CHECK(total.at("sum_minor") == "0");
    }
    CHECK(totals.at("remittances_by_state").at("CREDITED") == "100");

    const auto list = state.run("-o json remittance list --limit 3").json();
    REQUIRE(list.at("remittances").size() == 3);
    CHECK(state.run("remittance show 00000000-0000-4000-8000-000000000000").exit == 4);
    CHECK(state.run("remittance show nonsense").exit == 2);

    // One account opened with a body of our own; a second time the ledger refuses for good.
    std::ofstream(state.file("body.json"))
        << R"({"operations":[{"open_account":{"asset_id":1,"tag":"YWJjZGVmZ2hpamtsbW5vcA=="}}]})";
    const auto submit = "-o json tx submit " + state.file("body.json").string() + " --as alipayhk";
    const auto opened = state.run(submit);
    INFO(opened.err);
    REQUIRE(opened.exit == 0);
    const auto again = state.run(submit);
    CHECK(again.exit == 3);
    CHECK(nlohmann::json::parse(again.err).at("error").at("code") == "ACCOUNT_EXISTS");
    const auto id = hex_of_base64(opened.json().at("transaction_id"));
    CHECK(state.run("tx wait " + id).exit == 0);

    const auto receipt = state.file("receipt.bin").string();
    auto exported = state.run("receipt export " + id + " --out " + receipt);
    INFO(exported.err);
    REQUIRE(exported.exit == 0);
    REQUIRE(state.run("devnet down").exit == 0);
    const auto genesis = (state.net() / "genesis.bin").string();
    const auto verified = state.run("-o json verify " + receipt + " --genesis " + genesis);
    INFO(verified.err);
    CHECK(verified.exit == 0);
    CHECK(verified.json().at("verb") == "open_account");
    auto bytes = StateFolder::text_of(receipt);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(receipt, std::ios::binary) << bytes;
    CHECK(state.run("verify " + receipt + " --genesis " + genesis).exit == 7);
}

}  // namespace remit::cli
