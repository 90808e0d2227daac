#include "gateway/bank/rates.h"

#include <vector>

namespace remit::gateway {

namespace {

using ledger::Rate;
using ledger::Wide;

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    while (!line.empty()) {
        const auto comma = std::min(line.find(','), line.size());
        fields.push_back(line.substr(0, comma));
        line.remove_prefix(std::min(comma + 1, line.size()));
    }
    return fields;
}

Wide power_of_ten(std::uint32_t exponent) {
    Wide power = 1;
    for (std::uint32_t i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

/// numerator / denominator to the nearest integer, ties to even.
Wide divide_half_even(Wide numerator, Wide denominator) {
    const Wide whole = numerator / denominator;
    const Wide twice_rest = (numerator % denominator) * 2;
    const bool up = twice_rest > denominator || (twice_rest == denominator && whole % 2 == 1);
    return up ? whole + 1 : whole;
}

}  // namespace

Result<Rate, std::string> ReferenceRates::cross(const std::string& source_currency,
                                                const std::string& target_currency) const {
    const auto rate_of = [&](const std::string& currency) {
        const auto at = per_euro.find(currency);
        return currency == "EUR"      ? Rate{.mantissa = 1, .scale = 0}
               : at == per_euro.end() ? Rate{}
                                      : at->second;
    };
    const Rate from = rate_of(source_currency);
    const Rate to = rate_of(target_currency);
    if (from.mantissa == 0 || to.mantissa == 0) {
        return fail("no reference rate for " + source_currency + "/" + target_currency);
    }
    for (std::uint32_t scale = Rate::scale_max; true; --scale) {
        // 11 + 10 + 10 digits fit 128 bits.
        const Wide numerator = Wide{to.mantissa} * power_of_ten(from.scale) * power_of_ten(scale);
        const Wide denominator = Wide{from.mantissa} * power_of_ten(to.scale);
        const Wide mantissa = divide_half_even(numerator, denominator);
        if (mantissa <= Wide{Rate::mantissa_max} && mantissa > 0) {
            return Rate{.mantissa = static_cast<std::uint64_t>(mantissa), .scale = scale};
        }
        if (scale == 0 || mantissa == 0) {
            return fail("the rate " + source_currency + "/" + target_currency +
                        " has no eleven-digit form");
        }
    }
}

Result<ReferenceRates, std::string> parse_rates(std::string_view csv) {
    ReferenceRates rates;
    std::vector<std::string_view> header;
    std::size_t number = 0;
    while (!csv.empty()) {
        ++number;
        const auto end = std::min(csv.find('\n'), csv.size());
        auto line = csv.substr(0, end);
        csv.remove_prefix(std::min(end + 1, csv.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.starts_with('#')) {
            line.remove_prefix(std::min<std::size_t>(2, line.size()));
            rates.source += (rates.source.empty() ? "" : " ") + std::string(line);
            continue;
        }
        if (line.empty()) {
            continue;
        }
        const auto fields = fields_of(line);
        if (header.empty()) {
            if (fields.front() != "Date") {
                return fail("line " + std::to_string(number) + ": the header begins with Date");
            }
            header = fields;
            continue;
        }
        rates.date = std::string(fields.front());
        for (std::size_t i = 1; i < fields.size() && i < header.size(); ++i) {
            if (fields[i].empty() || fields[i] == "N/A") {
                continue;
            }
            const auto rate = ledger::parse_rate(fields[i]);
            if (!rate) {
                return fail("line " + std::to_string(number) + ": " + std::string(fields[i]) +
                            " is no rate");
            }
            rates.per_euro[std::string(header[i])] = *rate;
        }
        return rates;  // rows are newest first
    }
    return fail(std::string("the file holds no row of rates"));
}

Rate shifted(const Rate& rate, std::int32_t bps) {
    constexpr std::int64_t whole = 10'000;
    const Wide mantissa = Wide{rate.mantissa} * (whole + bps) / whole;
    const Wide most = Wide{Rate::mantissa_max};
    return {.mantissa = static_cast<std::uint64_t>(mantissa > most ? most : mantissa),
            .scale = rate.scale};
}

}  // namespace remit::gateway
