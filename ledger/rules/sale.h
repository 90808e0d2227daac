#pragma once

#include "ledger/mark.h"
#include "ledger/money.h"

namespace remit::ledger {

/// Price at which the bank buys a failed participant's credits: minor units of the short asset for
/// one minor unit of the sold one = numerator / denominator. At most 10^19 and 10^18.
struct SalePrice {
    Wide numerator = 0;
    Wide denominator = 1;
};

struct SaleTerms {
    int exponent_sold = 0;
    int exponent_short = 0;
    std::uint32_t haircut_bps = 0;  // below 10,000
};

/// From a mark sold -> short: its bid less the haircut.
SalePrice price_by_bid(const Rate& bid, const SaleTerms& terms);
/// From a mark short -> sold: what its ask asks, less the haircut.
SalePrice price_by_ask(const Rate& ask, const SaleTerms& terms);

struct Sale {
    Minor sold = 0;      // of the credit's asset, rounded up
    Minor proceeds = 0;  // of the short asset, rounded down when the whole credit is not enough
};

/// Sells at most `credit`, for at most `missing`.
Sale sell(Minor credit, Minor missing, const SalePrice& price);

}  // namespace remit::ledger
