#include "tools/cli/amount.h"

#include <catch2/catch.hpp>

namespace remit::cli {

TEST_CASE("amount: decimal text becomes exact minor units", "[cli][amount]") {
    struct Row {
        const char* text;
        unsigned exponent;
        std::int64_t minor;
    };
    const auto row = GENERATE(
        Row{"1000.00", 2, 100'000}, Row{"1,000.00", 2, 100'000}, Row{"1000", 2, 100'000},
        Row{"0.5", 2, 50}, Row{"0.01", 2, 1}, Row{"12,345,678.9", 2, 1'234'567'890}, Row{"7", 0, 7},
        Row{"9,999,999,999,999.99", 2, 999'999'999'999'999}, Row{"0.001", 3, 1}, Row{"007", 0, 7});
    CAPTURE(row.text);
    const auto minor = parse_amount(row.text, row.exponent);
    REQUIRE(minor.has_value());
    CHECK(*minor == row.minor);
}

TEST_CASE("amount: each kind of bad text has its own code and exit 2", "[cli][amount]") {
    struct Row {
        const char* text;
        const char* code;
    };
    const auto row =
        GENERATE(Row{"", "AMOUNT_ILL_FORMED"}, Row{"-1.00", "AMOUNT_ILL_FORMED"},
                 Row{"+1.00", "AMOUNT_ILL_FORMED"}, Row{"1.", "AMOUNT_ILL_FORMED"},
                 Row{".5", "AMOUNT_ILL_FORMED"}, Row{"1e3", "AMOUNT_ILL_FORMED"},
                 Row{"1 000", "AMOUNT_ILL_FORMED"}, Row{"1,00.00", "AMOUNT_ILL_FORMED"},
                 Row{"10,00", "AMOUNT_ILL_FORMED"}, Row{",100", "AMOUNT_ILL_FORMED"},
                 Row{"1000,000", "AMOUNT_ILL_FORMED"}, Row{"1.0.0", "AMOUNT_ILL_FORMED"},
                 Row{"1.005", "AMOUNT_TOO_PRECISE"}, Row{"0.00", "AMOUNT_ZERO"},
                 Row{"0", "AMOUNT_ZERO"}, Row{"10,000,000,000,000.00", "AMOUNT_TOO_LARGE"},
                 Row{"99999999999999999999999999", "AMOUNT_TOO_LARGE"});
    CAPTURE(row.text);
    const auto minor = parse_amount(row.text, 2);
    REQUIRE_FALSE(minor.has_value());
    CHECK(minor.error().code == row.code);
    CHECK(minor.error().exit == ExitCode::usage);
}

TEST_CASE("amount: printed with all decimals, grouped, with its currency", "[cli][amount]") {
    CHECK(amount_text(100'000, 2, "HKD") == "1,000.00 HKD");
    CHECK(amount_text(-5, 2, "PHP") == "-0.05 PHP");
    CHECK(amount_text(0, 2, "PHP") == "0.00 PHP");
    CHECK(amount_text(1'234'567, 0, "JPY") == "1,234,567 JPY");
    CHECK(amount_text(999, 2, "") == "9.99");
    CHECK(amount_text(INT64_MIN, 2, "HKD") == "-92,233,720,368,547,758.08 HKD");
}

TEST_CASE("amount: what is printed is read back the same", "[cli][amount]") {
    const std::int64_t minor =
        GENERATE(as<std::int64_t>{}, 1, 99, 100, 123'456, 100'000'000, 999'999'999'999'999);
    const auto back = parse_amount(amount_text(minor, 2, ""), 2);
    REQUIRE(back.has_value());
    CHECK(*back == minor);
}

}  // namespace remit::cli
