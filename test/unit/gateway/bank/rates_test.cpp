#include "gateway/bank/rates.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

namespace remit::gateway {

namespace {

constexpr const char* row =
    "# Source: European Central Bank\n"
    "Date,USD,JPY,HKD,PHP,XXX,\n"
    "2024-12-31,1.0389,163.06,8.0686,60.301,N/A,\n"
    "2024-12-30,1.0444,163.00,8.1065,60.411,N/A,\n";

}  // namespace

TEST_CASE("rates: the HKD/PHP cross of 2024-12-31 has ten exact decimals", "[gateway][rates]") {
    const auto rates = parse_rates(row);
    REQUIRE(rates);
    CHECK(rates->date == "2024-12-31");
    CHECK(rates->source == "Source: European Central Bank");
    const auto there = rates->cross("HKD", "PHP");
    REQUIRE(there);
    CHECK(to_text(*there) == "7.4735393996");
    const auto back = rates->cross("PHP", "HKD");
    REQUIRE(back);
    CHECK(to_text(*back) == "0.1338054095");
}

TEST_CASE("rates: a cross with more digits before the point keeps eleven in all",
          "[gateway][rates]") {
    const auto rates = parse_rates(row);
    REQUIRE(rates);
    CHECK(to_text(*rates->cross("HKD", "JPY")) == "20.209206058");
    CHECK(to_text(*rates->cross("EUR", "USD")) == "1.0389000000");
}

TEST_CASE("rates: what is not quoted has no cross", "[gateway][rates]") {
    const auto rates = parse_rates(row);
    REQUIRE(rates);
    CHECK_FALSE(rates->cross("HKD", "XXX"));
    CHECK_FALSE(rates->cross("ABC", "PHP"));
}

TEST_CASE("rates: malformed files are refused with the line", "[gateway][rates]") {
    CHECK_FALSE(parse_rates(""));
    CHECK_FALSE(parse_rates("Date,USD\n"));
    const auto bad = parse_rates("Date,USD\n2024-12-31,1e5\n");
    REQUIRE_FALSE(bad);
    CHECK(bad.error() == "line 2: 1e5 is no rate");
    CHECK_FALSE(parse_rates("USD,Date\n1,2\n"));
}

TEST_CASE("rates: the file that ships with the devnet reads", "[gateway][rates]") {
    std::ifstream file(std::string(REMIT_SOURCE_DIR) + "/tools/devnet/rates.csv");
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    const auto rates = parse_rates(text);
    REQUIRE(rates);
    CHECK(rates->date == "2024-12-31");
    CHECK(rates->source.find("European Central Bank") != std::string::npos);
    CHECK(to_text(*rates->cross("HKD", "PHP")) == "7.4735393996");
}

TEST_CASE("rates: a shift by basis points rounds down at the same scale", "[gateway][rates]") {
    const ledger::Rate rate{.mantissa = 74'735'393'996, .scale = 10};
    CHECK(to_text(shifted(rate, -20)) == "7.4585923208");
    CHECK(to_text(shifted(rate, 20)) == "7.4884864783");
    CHECK(shifted(rate, 0) == rate);
    const ledger::Rate greatest{.mantissa = ledger::Rate::mantissa_max, .scale = 0};
    CHECK(shifted(greatest, 50).mantissa == ledger::Rate::mantissa_max);
}

}  // namespace remit::gateway
