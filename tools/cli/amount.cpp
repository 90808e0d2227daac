#include "tools/cli/amount.h"

namespace remit::cli {
namespace {

constexpr std::int64_t amount_minor_max = 999'999'999'999'999;  // |x| <= 10^15 - 1, ledger

tl::unexpected<Failure> bad(std::string code, std::string message) {
    return fail(Failure{std::move(code), std::move(message), "write it like 1,000.00 or 1000",
                        ExitCode::usage});
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// True when the whole part is digits, with either no comma or one before every last three.
bool well_grouped(std::string_view whole) {
    if (whole.empty() || !is_digit(whole.front()) || !is_digit(whole.back())) {
        return false;
    }
    const bool grouped = whole.find(',') != std::string_view::npos;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const bool comma_here = grouped && (whole.size() - i) % 4 == 0;
        if (comma_here ? whole[i] != ',' : !is_digit(whole[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<std::int64_t, Failure> parse_amount(std::string_view text, unsigned exponent) {
    const auto quoted = "'" + std::string(text) + "'";
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    std::string_view decimals;
    if (point != std::string_view::npos) {
        decimals = text.substr(point + 1);
        if (decimals.empty()) {
            return bad("AMOUNT_ILL_FORMED", quoted + " ends in a point");
        }
    }
    if (!well_grouped(whole)) {
        return bad("AMOUNT_ILL_FORMED", quoted + " is no amount");
    }
    for (const char c : decimals) {
        if (!is_digit(c)) {
            return bad("AMOUNT_ILL_FORMED", quoted + " is no amount");
        }
    }
    if (decimals.size() > exponent) {
        return bad("AMOUNT_TOO_PRECISE", quoted + " has " + std::to_string(decimals.size()) +
                                             " decimals, the currency has " +
                                             std::to_string(exponent));
    }
    std::string digits;
    for (const char c : whole) {
        if (c != ',') {
            digits.push_back(c);
        }
    }
    digits.append(decimals);
    digits.append(exponent - decimals.size(), '0');
    std::int64_t minor = 0;
    for (const char c : digits) {
        minor = minor * 10 + (c - '0');
        if (minor > amount_minor_max) {
            return bad("AMOUNT_TOO_LARGE", quoted + " is over the largest amount of the ledger");
        }
    }
    if (minor == 0) {
        return bad("AMOUNT_ZERO", "an amount must be more than zero");
    }
    return minor;
}

std::string amount_text(std::int64_t minor, unsigned exponent, std::string_view currency) {
    const bool negative = minor < 0;
    // Negating as unsigned keeps the smallest 64-bit value defined.
    const auto magnitude =
        negative ? ~static_cast<std::uint64_t>(minor) + 1 : static_cast<std::uint64_t>(minor);
    auto digits = std::to_string(magnitude);
    if (digits.size() <= exponent) {
        digits.insert(0, exponent + 1 - digits.size(), '0');
    }
    const auto whole_size = digits.size() - exponent;
    std::string out = negative ? "-" : "";
    for (std::size_t i = 0; i < whole_size; ++i) {
        if (i != 0 && (whole_size - i) % 3 == 0) {
            out.push_back(',');
        }
        out.push_back(digits[i]);
    }
    if (exponent != 0) {
        out.append(".").append(digits, whole_size);
    }
    if (!currency.empty()) {
        out.append(" ").append(currency);
    }
    return out;
}

}  // namespace remit::cli
