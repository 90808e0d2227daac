#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ledger/base/result.h"
#include "ledger/fx.h"

namespace remit::gateway {

/// One day of reference rates: units of each currency for one euro, exact decimals as published.
struct ReferenceRates {
    std::string date;    // YYYY-MM-DD
    std::string source;  // the comment lines in front, which acknowledge it
    std::map<std::string, ledger::Rate> per_euro;

    /// `target` for one `source`, rounded half to even, with as many decimals (at most 10) as
    /// eleven digits allow. Error text when a currency is not quoted.
    [[nodiscard]] Result<ledger::Rate, std::string> cross(const std::string& source_currency,
                                                          const std::string& target_currency) const;
};

/// Reads the European Central Bank's CSV: `#` comments, a header `Date,USD,...`, then a row; the
/// newest row is the first. `N/A` means not quoted. Error text with the line.
Result<ReferenceRates, std::string> parse_rates(std::string_view csv);

/// rate x (1 + bps/10^4), or (1 - bps/10^4) for a negative `bps`; rounded down at the same scale.
ledger::Rate shifted(const ledger::Rate& rate, std::int32_t bps);

}  // namespace remit::gateway
