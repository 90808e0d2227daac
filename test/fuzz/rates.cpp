// The bank's file of reference rates: what is read are rates, and both ways of a pair agree.
#include "gateway/bank/rates.h"

#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace remit;  // NOLINT(google-build-using-namespace)
    const auto rates = gateway::parse_rates(fuzz::view_of(data, size));
    if (!rates) {
        fuzz::require(!rates.error().empty(), "a refusal says why");
        return 0;
    }
    for (const auto& [currency, rate] : rates->per_euro) {
        fuzz::require(ledger::is_valid(rate), "a rate out of bounds was read");
        for (const auto& [other, other_rate] : rates->per_euro) {
            const auto cross = rates->cross(currency, other);
            fuzz::require(!cross || ledger::is_valid(*cross), "a cross rate is out of bounds");
            if (cross && currency == other) {
                fuzz::require(!ledger::is_less(*cross, {.mantissa = 1, .scale = 0}) &&
                                  !ledger::is_less({.mantissa = 1, .scale = 0}, *cross),
                              "a currency is worth itself");
            }
        }
        for (const std::int32_t bps : {-10'000, -35, 0, 35, 10'000}) {
            const auto moved = gateway::shifted(rate, bps);
            fuzz::require(moved.mantissa <= ledger::Rate::mantissa_max && moved.scale == rate.scale,
                          "a shifted rate is out of bounds");
        }
    }
    return 0;
}
