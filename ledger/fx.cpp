#include "ledger/fx.h"

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
constexpr std::uint8_t quote_version = 1;
constexpr std::uint32_t bps_whole = 10'000;

Wide power_of_ten(std::uint32_t exponent) {
    Wide out = 1;
    for (std::uint32_t i = 0; i < exponent; ++i) {
        out *= 10;
    }
    return out;
}

/// The rate as a fraction of minor units: target minor = source minor x numerator / denominator.
struct Fraction {
    Wide numerator = 0;
    Wide denominator = 1;
};

Fraction fraction_of(const Rate& rate, Exponents exponents) {
    CHECK(exponents.source >= 0 && exponents.source <= exponent_max);
    CHECK(exponents.target >= 0 && exponents.target <= exponent_max);
    return {Wide{rate.mantissa} * power_of_ten(static_cast<std::uint32_t>(exponents.target)),
            power_of_ten(rate.scale + static_cast<std::uint32_t>(exponents.source))};
}
}  // namespace

bool is_valid(const Rate& rate) {
    return rate.mantissa >= 1 && rate.mantissa <= Rate::mantissa_max &&
           rate.scale <= Rate::scale_max;
}

std::string to_text(const Rate& rate) {
    std::string digits = std::to_string(rate.mantissa);
    const std::size_t scale = rate.scale;
    if (digits.size() <= scale) {
        digits.insert(0, scale + 1 - digits.size(), '0');
    }
    if (scale > 0) {
        digits.insert(digits.size() - scale, 1, '.');
    }
    return digits;
}

Result<Rate, LedgerError> parse_rate(std::string_view text) {
    Rate out;
    bool point_seen = false;
    bool digit_last = false;  // also: a point stands between digits
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digit_last = true;
            out.mantissa = out.mantissa * 10 + static_cast<std::uint64_t>(c - '0');
            out.scale += point_seen ? 1 : 0;
        } else if (c == '.' && !point_seen && digit_last) {
            point_seen = true;
            digit_last = false;
        } else {
            return fail(LedgerError::bad_rate);
        }
        if (out.mantissa > Rate::mantissa_max || out.scale > Rate::scale_max) {
            return fail(LedgerError::bad_rate);
        }
    }
    if (!digit_last || !is_valid(out)) {
        return fail(LedgerError::bad_rate);
    }
    return out;
}

bool is_less(const Rate& left, const Rate& right) {
    return Wide{left.mantissa} * power_of_ten(right.scale) <
           Wide{right.mantissa} * power_of_ten(left.scale);
}

Result<Minor, LedgerError> target_of(Minor source, const Rate& rate, Exponents exponents) {
    if (!is_valid(rate)) {
        return fail(LedgerError::bad_rate);
    }
    TRY(check_amount(source));
    // 10^15 x 10^11 x 10^4 = 10^30 < 2^127.
    const Fraction fraction = fraction_of(rate, exponents);
#ifdef SIM_BUG_rate_rounded_up
    const Wide target =
        (Wide{source} * fraction.numerator + fraction.denominator - 1) / fraction.denominator;
#else
    const Wide target = Wide{source} * fraction.numerator / fraction.denominator;
#endif
    if (target == 0) {
        return fail(LedgerError::below_min_delivery);
    }
    if (target > amount_max) {
        return fail(LedgerError::amount_too_large);
    }
    return static_cast<Minor>(target);
}

Result<Minor, LedgerError> source_of(Minor target, const Rate& rate, Exponents exponents) {
    if (!is_valid(rate)) {
        return fail(LedgerError::bad_rate);
    }
    TRY(check_amount(target));
    // 10^15 x 10^14 + 10^15 < 2^127.
    const Fraction fraction = fraction_of(rate, exponents);
    const Wide source =
        (Wide{target} * fraction.denominator + fraction.numerator - 1) / fraction.numerator;
    if (source > amount_max) {
        return fail(LedgerError::amount_too_large);
    }
    return static_cast<Minor>(source);
}

bool is_within(const Rate& rate, const RateBand& band) {
    if (!is_valid(rate) || !is_valid(band.bid) || !is_valid(band.ask)) {
        return false;
    }
    // 10^11 x 10^10 x 2 x 10^4 fits easily.
    const std::uint32_t below = band.bps < bps_whole ? bps_whole - band.bps : 0;
    const Wide above = Wide{bps_whole} + band.bps;
    const Wide at_bid = Wide{rate.mantissa} * power_of_ten(band.bid.scale) * bps_whole;
    const Wide at_ask = Wide{rate.mantissa} * power_of_ten(band.ask.scale) * bps_whole;
    return at_bid >= Wide{band.bid.mantissa} * power_of_ten(rate.scale) * below &&
           at_ask <= Wide{band.ask.mantissa} * power_of_ten(rate.scale) * above;
}

Bytes quote_message(const Quote& quote, const ChainId& chain_id) {
    Writer writer;
    writer.fixed(chain_id).u8(quote_version);
    Quote::terms(quote, FieldWriter(writer));
    return signed_bytes(domain::quote, {writer.view()});
}

void sign_quote(Quote& quote, const ChainId& chain_id, const SecretKey& key) {
    quote.key = key.public_key();
    quote.signature = key.sign(quote_message(quote, chain_id));
}

bool has_valid_signature(const Quote& quote, const ChainId& chain_id) {
    return verify(quote.key, quote_message(quote, chain_id), quote.signature);
}

}  // namespace remit::ledger
