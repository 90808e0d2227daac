#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/cli/failure.h"

namespace remit::cli {

/// Minor units of a decimal text such as `1000.00` or `1,000.00`, for a currency of `exponent`
/// decimals. Strict: a positive number, no sign, no exponent, no blanks; commas only where groups
/// of three end; never more decimals than the currency has; at most 10^15 - 1 minor units.
/// Errors: AMOUNT_ILL_FORMED, AMOUNT_TOO_PRECISE, AMOUNT_ZERO, AMOUNT_TOO_LARGE (all exit 2).
Result<std::int64_t, Failure> parse_amount(std::string_view text, unsigned exponent);

/// `1,000.00 HKD`: always all decimals, grouped; negative amounts with a leading minus.
std::string amount_text(std::int64_t minor, unsigned exponent, std::string_view currency);

}  // namespace remit::cli
