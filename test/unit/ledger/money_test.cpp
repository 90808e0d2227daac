#include "ledger/money.h"

#include <catch2/catch.hpp>

using namespace remit::ledger;  // NOLINT(google-build-using-namespace)

TEST_CASE("money: amounts are read as plain decimals of their currency", "[ledger][money]") {
    CHECK(parse_amount("1000.00", 2) == Minor{100'000});
    CHECK(parse_amount("1000", 2) == Minor{100'000});
    CHECK(parse_amount("0.5", 2) == Minor{50});
    CHECK(parse_amount("0", 0) == Minor{0});
    CHECK(parse_amount("1990", 0) == Minor{1'990});
    CHECK(parse_amount("3.960", 3) == Minor{3'960});
    CHECK(parse_amount("9999999999999.99", 2) == amount_max);
}

TEST_CASE("money: anything but a plain decimal is refused", "[ledger][money]") {
    const auto text = GENERATE("", ".", "1.", ".5", "+1", "-1", "1,000", "1e3", " 1", "1 ", "0x1",
                               "1.2.3", "1.2-", "\xD9\xA1");
    CAPTURE(text);
    CHECK(parse_amount(text, 2).error() == LedgerError::bad_amount);
}

TEST_CASE("money: decimals and size have limits", "[ledger][money]") {
    CHECK(parse_amount("1.005", 2).error() == LedgerError::decimals_exceed_currency);
    CHECK(parse_amount("1.0", 0).error() == LedgerError::decimals_exceed_currency);
    CHECK(parse_amount("10000000000000.00", 2).error() == LedgerError::amount_too_large);
    CHECK(parse_amount("99999999999999999999999999", 2).error() == LedgerError::amount_too_large);
}

TEST_CASE("money: amounts are written with all decimals of the currency", "[ledger][money]") {
    CHECK(format_amount(100'000, 2) == "1000.00");
    CHECK(format_amount(-5, 2) == "-0.05");
    CHECK(format_amount(0, 3) == "0.000");
    CHECK(format_amount(1'990, 0) == "1990");
    CHECK(format_amount(INT64_MIN, 2) == "-92233720368547758.08");
    CHECK(format_grouped(123'456'789, 2) == "1,234,567.89");
    CHECK(format_grouped(-100'000, 2) == "-1,000.00");
    CHECK(format_grouped(99'999, 2) == "999.99");
    CHECK(format_grouped(1'000, 0) == "1,000");
}

TEST_CASE("money: sums outside the range are refused", "[ledger][money]") {
    CHECK(add(amount_max, 0) == amount_max);
    CHECK(add(amount_max, 1).error() == LedgerError::amount_too_large);
    CHECK(subtract(-amount_max, 1).error() == LedgerError::amount_too_large);
    CHECK(add(INT64_MAX, INT64_MAX).error() == LedgerError::amount_too_large);
    CHECK(subtract(INT64_MIN, 1).error() == LedgerError::amount_too_large);
    CHECK(add(-5, 3) == Minor{-2});
}

TEST_CASE("money: what is asked for is above zero and within range", "[ledger][money]") {
    CHECK(check_amount(1).has_value());
    CHECK(check_amount(amount_max).has_value());
    CHECK(check_amount(0).error() == LedgerError::zero_amount);
    CHECK(check_amount(-1).error() == LedgerError::negative_amount);
    CHECK(check_amount(amount_max + 1).error() == LedgerError::amount_too_large);
}

TEST_CASE("money: parts of a split sum to the whole", "[ledger][money]") {
    CHECK(split(100, std::vector<Minor>{1, 1, 1}) == std::vector<Minor>{34, 33, 33});
    CHECK(split(10, std::vector<Minor>{5, 3, 2}) == std::vector<Minor>{5, 3, 2});
    CHECK(split(7, std::vector<Minor>{0, 0}) == std::vector<Minor>{0, 0});
    CHECK(split(1, std::vector<Minor>{1, 2}) == std::vector<Minor>{0, 1});
    const auto large = split(amount_max, std::vector<Minor>{amount_max, amount_max, 1});
    CHECK(large[0] + large[1] + large[2] == amount_max);
}

TEST_CASE("money: shares round down", "[ledger][money]") {
    CHECK(share_of(2'000'000, 9000) == 1'800'000);
    CHECK(share_of(1, 9999) == 0);
    CHECK(share_of(amount_max, 10'000) == amount_max);
    CHECK(share_of(amount_max, 20'000) == amount_max);
}

TEST_CASE("money: decimals come from ISO 4217", "[ledger][money]") {
    CHECK(find_currency("HKD")->exponent == 2);
    CHECK(find_currency("PHP")->exponent == 2);
    CHECK(find_currency("JPY")->exponent == 0);
    CHECK(find_currency("KWD")->exponent == 3);
    CHECK(find_currency("CLF")->exponent == 4);
    CHECK(find_currency("hkd") == nullptr);
    CHECK(find_currency("XAU") == nullptr);
    CHECK(find_currency("") == nullptr);
    CHECK(currencies().size() == 165);
}
