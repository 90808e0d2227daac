#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/result.h"
#include "ledger/errors.h"
#include "ledger/ids.h"

namespace remit::ledger {

/// An amount in minor units of its asset's currency.
using Minor = std::int64_t;
/// Products of amounts and rates.
__extension__ typedef __int128 Wide;

/// Largest absolute amount: fifteen digits, so that amount x rate x 10^4 stays below 2^127.
inline constexpr Minor amount_max = 999'999'999'999'999;
/// Most decimals of any currency in the table.
inline constexpr int exponent_max = 4;

/// An amount of an asset.
struct Money {
    AssetId asset{};
    Minor minor = 0;

    friend bool operator==(const Money&, const Money&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.asset, self.minor);
    }
};

constexpr bool in_range(Minor value) {
    return value >= -amount_max && value <= amount_max;
}

/// Checked sums. Error: amount_too_large.
Result<Minor, LedgerError> add(Minor left, Minor right);
Result<Minor, LedgerError> subtract(Minor left, Minor right);

/// An amount somebody asks for: 1..amount_max. Errors: negative_amount, zero_amount,
/// amount_too_large (in the order zero, negative, too large).
Status<LedgerError> check_amount(Minor value);

/// `floor(value * bps / 10000)` for value >= 0, at most amount_max.
Minor share_of(Minor value, std::uint32_t bps);

/// Divides `total` >= 0 in proportion to `weights` >= 0 by largest remainder (ties to the first),
/// so that the parts sum to exactly `total`. All parts are 0 when the weights sum to 0.
std::vector<Minor> split(Minor total, std::span<const Minor> weights);

/// A currency of ISO 4217. The exponent comes from here, never from a sender.
struct Currency {
    std::string_view code{};
    int exponent = 0;
};

/// Every currency with a minor unit, in alphabetical order.
std::span<const Currency> currencies();
/// Null when the code is unknown. Upper case only.
const Currency* find_currency(std::string_view code);

/// `1000.00` -> 100000 for exponent 2. Digits, optionally one point and at most `exponent`
/// decimals: no sign, blank, separator or power. Errors: bad_amount, decimals_exceed_currency,
/// amount_too_large.
Result<Minor, LedgerError> parse_amount(std::string_view text, int exponent);

/// `1000.00`, `-0.05`: always `exponent` decimals, no separators; what parse_amount reads.
std::string format_amount(Minor value, int exponent);
/// `1,000.00`: for people.
std::string format_grouped(Minor value, int exponent);

}  // namespace remit::ledger
