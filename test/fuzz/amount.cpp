// Amounts and rates as people write them, and the arithmetic on them, against plain counting.
#include "ledger/money.h"

#include "ledger/fx.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "tools/cli/amount.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

/// What a text of digits and one point is worth in minor units; nothing when it is not such a text
/// or is over the bound. Written for shortness, not from the product's code.
std::optional<Minor> counted(std::string_view text, int exponent) {
    Wide value = 0;
    int decimals = -1;
    bool digit_before = false;
    bool digit_last = false;
    for (const char letter : text) {
        digit_last = letter >= '0' && letter <= '9';
        if (letter == '.' && decimals < 0 && digit_before) {
            decimals = 0;
        } else if (digit_last) {
            digit_before = true;
            value = std::min<Wide>(value * 10 + (letter - '0'), Wide{amount_max} * 1'000'000);
            decimals += decimals >= 0 ? 1 : 0;
        } else {
            return std::nullopt;
        }
    }
    if (!digit_last || decimals > exponent) {
        return std::nullopt;
    }
    for (int i = std::max(decimals, 0); i < exponent; ++i) {
        value *= 10;
    }
    return value > amount_max ? std::nullopt : std::optional(static_cast<Minor>(value));
}

void amounts(std::string_view text, int exponent) {
    const auto expected = counted(text, exponent);
    const auto parsed = parse_amount(text, exponent);
    require(parsed.has_value() == expected.has_value() && (!parsed || *parsed == *expected),
            "an amount is what its digits say");
    const auto typed = cli::parse_amount(text, static_cast<unsigned>(exponent));
    if (text.find(',') == std::string_view::npos) {
        const bool wanted = expected && *expected > 0;
        require(typed.has_value() == wanted && (!typed || *typed == *expected),
                "a typed amount is what its digits say");
    }
    if (typed) {
        const auto shown = cli::amount_text(*typed, static_cast<unsigned>(exponent), "");
        require(cli::parse_amount(shown, static_cast<unsigned>(exponent)) == *typed,
                "what is shown may be typed");
        require(shown == format_grouped(*typed, exponent), "one way to show an amount");
    }
    if (parsed) {
        require(parse_amount(format_amount(*parsed, exponent), exponent) == *parsed,
                "an amount that was read is written and read");
    }
}

void conversions(Minor amount, const Rate& rate, Exponents exponents) {
    const auto target = target_of(amount, rate, exponents);
    require(!target || (*target > 0 && in_range(*target)), "a conversion gives an amount");
    const auto source = source_of(amount, rate, exponents);
    if (!source) {
        return;
    }
    require(*source > 0 && in_range(*source), "a conversion takes an amount");
    const auto reached = target_of(*source, rate, exponents);
    require(!reached || *reached >= amount, "the source delivers what was asked for");
    if (*source > 1) {
        const auto less = target_of(*source - 1, rate, exponents);
        require(!less || *less < amount, "the source is the smallest that delivers it");
    }
}

void rates(std::string_view text, Input input) {
    const auto rate = parse_rate(text);
    if (!rate) {
        return;
    }
    require(is_valid(*rate), "a rate out of bounds was read");
    require(parse_rate(to_text(*rate)) == *rate, "a rate that was read is written and read");
    const auto amount =
        static_cast<Minor>(input.u64() % static_cast<std::uint64_t>(amount_max)) + 1;
    conversions(
        amount, *rate,
        {.source = static_cast<int>(input.below(5)), .target = static_cast<int>(input.below(5))});
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::Input input(data, size);
    const auto exponent = static_cast<int>(input.below(5));
    const auto numbers = remit::fuzz::Input(data, size);
    remit::fuzz::amounts(input.rest(), exponent);
    const auto space = std::min(input.rest().find(' '), input.rest().size());
    const auto text = input.bytes(space);
    remit::fuzz::rates(text, input.empty() ? numbers : input);
    return 0;
}
