#include "ledger/rules/sale.h"

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
constexpr Wide bps_whole = 10'000;

Wide power_of_ten(std::uint32_t exponent) {
    Wide out = 1;
    for (std::uint32_t i = 0; i < exponent; ++i) {
        out *= 10;
    }
    return out;
}

Wide units(int exponent) {
    return power_of_ten(static_cast<std::uint32_t>(exponent));
}
}  // namespace

SalePrice price_by_bid(const Rate& bid, const SaleTerms& terms) {
    CHECK(terms.haircut_bps < bps_whole);
    return {.numerator =
                Wide{bid.mantissa} * units(terms.exponent_short) * (bps_whole - terms.haircut_bps),
            .denominator = power_of_ten(bid.scale) * units(terms.exponent_sold) * bps_whole};
}

SalePrice price_by_ask(const Rate& ask, const SaleTerms& terms) {
    CHECK(terms.haircut_bps < bps_whole);
    return {.numerator = power_of_ten(ask.scale) * units(terms.exponent_short) *
                         (bps_whole - terms.haircut_bps),
            .denominator = Wide{ask.mantissa} * units(terms.exponent_sold) * bps_whole};
}

Sale sell(Minor credit, Minor missing, const SalePrice& price) {
    CHECK(price.numerator > 0);
    const Wide needed = (Wide{missing} * price.denominator + price.numerator - 1) / price.numerator;
    if (needed <= credit) {
        return {.sold = static_cast<Minor>(needed), .proceeds = missing};
    }
    const Wide proceeds = Wide{credit} * price.numerator / price.denominator;
    if (proceeds == 0) {
        return {};
    }
    return {.sold = credit, .proceeds = static_cast<Minor>(proceeds)};
}

}  // namespace remit::ledger
