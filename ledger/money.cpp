#include "ledger/money.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
constexpr std::uint32_t bps_whole = 10'000;

constexpr auto currency_table = std::to_array<Currency>({
#define CURRENCY(code, exponent) {#code, exponent},
#include "ledger/currencies.def"
#undef CURRENCY
});

constexpr bool is_sorted_table() {
    for (std::size_t i = 1; i < currency_table.size(); ++i) {
        if (currency_table.at(i - 1).code >= currency_table.at(i).code) {
            return false;
        }
    }
    return true;
}
static_assert(is_sorted_table());

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
}  // namespace

Result<Minor, LedgerError> add(Minor left, Minor right) {
    Minor sum = 0;
#ifdef SIM_BUG_overflow_unchecked
    static_cast<void>(__builtin_add_overflow(left, right, &sum));
    return sum;
#endif
    if (__builtin_add_overflow(left, right, &sum) || !in_range(sum)) {
        return fail(LedgerError::amount_too_large);
    }
    return sum;
}

Result<Minor, LedgerError> subtract(Minor left, Minor right) {
    Minor difference = 0;
    if (__builtin_sub_overflow(left, right, &difference) || !in_range(difference)) {
        return fail(LedgerError::amount_too_large);
    }
    return difference;
}

Status<LedgerError> check_amount(Minor value) {
    if (value == 0) {
        return fail(LedgerError::zero_amount);
    }
    if (value < 0) {
        return fail(LedgerError::negative_amount);
    }
    if (value > amount_max) {
        return fail(LedgerError::amount_too_large);
    }
    return {};
}

Minor share_of(Minor value, std::uint32_t bps) {
    CHECK(value >= 0);
    CHECK(value <= amount_max);
    return static_cast<Minor>(std::min<Wide>(Wide{value} * bps / bps_whole, amount_max));
}

std::vector<Minor> split(Minor total, std::span<const Minor> weights) {
    CHECK(total >= 0);
    CHECK(total <= amount_max);
    Wide sum = 0;
    for (const Minor weight : weights) {
        CHECK(weight >= 0);
        sum += weight;
    }
    std::vector<Minor> parts(weights.size(), 0);
    if (sum == 0) {
        return parts;
    }
    std::vector<Wide> remainders(weights.size());
    Minor left = total;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Wide product = Wide{total} * weights[i];
        parts[i] = static_cast<Minor>(product / sum);
        remainders[i] = product % sum;
        left -= parts[i];
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    // Fewer units are left than there are parts with a remainder, so each gets at most one.
    for (const std::size_t i : order) {
        if (left == 0) {
            break;
        }
        ++parts[i];
        --left;
    }
    CHECK(left == 0);
    return parts;
}

std::span<const Currency> currencies() {
    return currency_table;
}

const Currency* find_currency(std::string_view code) {
    const auto* found = std::lower_bound(
        currency_table.begin(), currency_table.end(), code,
        [](const Currency& row, std::string_view wanted) { return row.code < wanted; });
    return found != currency_table.end() && found->code == code ? found : nullptr;
}

Result<Minor, LedgerError> parse_amount(std::string_view text, int exponent) {
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto decimals =
        point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    const bool dangling_point = point != std::string_view::npos && decimals.empty();
    if (whole.empty() || dangling_point || !std::all_of(whole.begin(), whole.end(), is_digit) ||
        !std::all_of(decimals.begin(), decimals.end(), is_digit)) {
        return fail(LedgerError::bad_amount);
    }
    if (decimals.size() > static_cast<std::size_t>(exponent)) {
        return fail(LedgerError::decimals_exceed_currency);
    }
    std::string digits(whole);
    digits += decimals;
    digits.append(static_cast<std::size_t>(exponent) - decimals.size(), '0');
    Minor value = 0;
    for (const char c : digits) {
        value = value * 10 + (c - '0');
        if (value > amount_max) {
            return fail(LedgerError::amount_too_large);
        }
    }
    return value;
}

std::string format_amount(Minor value, int exponent) {
    // Negated as unsigned, so that no value whatever overflows.
    const auto raw = static_cast<std::uint64_t>(value);
    std::string digits = std::to_string(value < 0 ? 0 - raw : raw);
    const auto decimals = static_cast<std::size_t>(exponent);
    if (digits.size() <= decimals) {
        digits.insert(0, decimals + 1 - digits.size(), '0');
    }
    if (decimals > 0) {
        digits.insert(digits.size() - decimals, 1, '.');
    }
    return value < 0 ? "-" + digits : digits;
}

std::string format_grouped(Minor value, int exponent) {
    std::string out = format_amount(value, exponent);
    const std::size_t first = value < 0 ? 1 : 0;
    const auto point = out.find('.');
    std::size_t at = point == std::string::npos ? out.size() : point;
    while (at > first + 3) {
        at -= 3;
        out.insert(at, 1, ',');
    }
    return out;
}

}  // namespace remit::ledger
