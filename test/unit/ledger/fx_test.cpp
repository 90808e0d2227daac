#include "ledger/fx.h"

#include <catch2/catch.hpp>

using namespace remit;          // NOLINT(google-build-using-namespace)
using namespace remit::ledger;  // NOLINT(google-build-using-namespace)

namespace {
Rate rate(std::string_view text) {
    return parse_rate(text).value();
}
constexpr Exponents cents{2, 2};
}  // namespace

TEST_CASE("fx: what arrives for a fixed source is rounded down", "[ledger][fx]") {
    CHECK(target_of(100'000, rate("7.4735"), cents) == Minor{747'350});
    CHECK(target_of(1, rate("7.4735"), cents) == Minor{7});
    CHECK(target_of(250'055, rate("7.4741"), cents) == Minor{1'868'936});
    CHECK(target_of(1'000'000, rate("7.4735"), cents) == Minor{7'473'500});
    CHECK(target_of(3'000'000, rate("0.1337"), cents) == Minor{401'100});
    CHECK(target_of(10'000, rate("19.9"), {2, 0}) == Minor{1'990});
    CHECK(target_of(10'000, rate("0.0396"), {2, 3}) == Minor{3'960});
    CHECK(target_of(7'473'500, rate("0.1334"), cents) == Minor{996'964});
}

TEST_CASE("fx: nothing to deliver is refused", "[ledger][fx]") {
    CHECK(target_of(3, rate("0.1337"), cents).error() == LedgerError::below_min_delivery);
    CHECK(target_of(0, rate("7.4735"), cents).error() == LedgerError::zero_amount);
    CHECK(target_of(-1, rate("7.4735"), cents).error() == LedgerError::negative_amount);
}

TEST_CASE("fx: what a fixed target costs is rounded up", "[ledger][fx]") {
    CHECK(source_of(500'000, rate("7.4735"), cents) == Minor{66'904});
    CHECK(target_of(66'903, rate("7.4735"), cents) == Minor{499'999});
    CHECK(target_of(66'904, rate("7.4735"), cents).value() >= 500'000);
    CHECK(source_of(747'350, rate("7.4735"), cents) == Minor{100'000});
    CHECK(source_of(1, rate("0.0000000001"), cents) == Minor{10'000'000'000});
}

TEST_CASE("fx: the largest amounts and rates do not overflow", "[ledger][fx]") {
    const Rate largest{Rate::mantissa_max, 0};
    const Rate smallest{1, Rate::scale_max};
    CHECK(target_of(amount_max, largest, {0, 4}).error() == LedgerError::amount_too_large);
    CHECK(target_of(amount_max, smallest, {4, 0}) == Minor{9});
    CHECK(source_of(amount_max, smallest, {4, 0}).error() == LedgerError::amount_too_large);
    CHECK(source_of(amount_max, largest, {0, 4}) == Minor{2});
}

TEST_CASE("fx: rates have eleven digits and ten decimals at most", "[ledger][fx]") {
    CHECK(rate("7.4735") == Rate{74'735, 4});
    CHECK(to_text(rate("7.4735")) == "7.4735");
    CHECK(to_text(Rate{1, 10}) == "0.0000000001");
    CHECK(to_text(Rate{12, 0}) == "12");
    CHECK(rate("0.50").scale == 2);
    const auto text =
        GENERATE("", "0", "0.0", "100000000000", "0.00000000001", ".5", "1.", "-1", "1e1", "1.2.3");
    CAPTURE(text);
    CHECK(parse_rate(text).error() == LedgerError::bad_rate);
}

TEST_CASE("fx: rates compare as numbers", "[ledger][fx]") {
    CHECK(is_less(rate("7.47"), rate("7.4735")));
    CHECK_FALSE(is_less(rate("7.50"), rate("7.5")));
    CHECK_FALSE(is_less(rate("7.5"), rate("7.50")));
}

TEST_CASE("fx: a band is exact at both ends", "[ledger][fx]") {
    const RateBand band{.bid = rate("8.0000"), .ask = rate("8.0000"), .bps = 50};
    CHECK(is_within(rate("7.9600"), band));
    CHECK_FALSE(is_within(rate("7.9599"), band));
    CHECK(is_within(rate("8.0400"), band));
    CHECK_FALSE(is_within(rate("8.0401"), band));
    const RateBand exact{.bid = rate("8.0"), .ask = rate("8.00"), .bps = 0};
    CHECK(is_within(rate("8"), exact));
    CHECK_FALSE(is_within(rate("8.0000000001"), exact));
}

TEST_CASE("fx: a quote's signature covers every term and the chain", "[ledger][fx]") {
    REQUIRE(init_crypto());
    const SecretKey key(KeySeed{});
    const ChainId chain = hash(domain::genesis, "one");
    Quote quote;
    quote.maker = {5};
    quote.requester = {1};
    quote.source = 100'000;
    quote.target = 747'350;
    quote.rate = rate("7.4735");
    quote.fees = {{.participant = {1}, .amount = 1'250}};
    sign_quote(quote, chain, key);
    CHECK(has_valid_signature(quote, chain));
    CHECK_FALSE(has_valid_signature(quote, hash(domain::genesis, "two")));
    Quote changed = quote;
    changed.target += 1;
    CHECK_FALSE(has_valid_signature(changed, chain));
    changed = quote;
    changed.fees.front().amount += 1;
    CHECK_FALSE(has_valid_signature(changed, chain));
    changed = quote;
    changed.nonce += 1;
    CHECK_FALSE(has_valid_signature(changed, chain));
    const auto read_back = decode<Quote>(encode(quote));
    REQUIRE(read_back.has_value());
    CHECK(*read_back == quote);
}
