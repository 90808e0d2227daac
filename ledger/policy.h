#pragma once

#include <vector>

#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"

namespace remit::ledger {

/// How a quote's rate must relate to the bank's mark.
enum class RateMode : std::uint8_t { unspecified, bank_exact, bank_band, market };
constexpr RateMode last_of(RateMode) {
    return RateMode::market;
}

/// A pair of assets remittances may run between; one asset on both sides is a corridor too.
struct Corridor {
    AssetId source{};
    AssetId target{};
    Minor single_limit = 0;  // most of the source asset in one remittance

    friend bool operator==(const Corridor&, const Corridor&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.source, self.target, self.single_limit);
    }
};

/// Everything governance decides by number. A change replaces the whole. Times in milliseconds of
/// block time.
struct Policy {
    RateMode rate_mode = RateMode::bank_band;
    std::uint32_t rate_band_bps = 50;
    std::uint32_t cap_bps = 9000;  // k of the net debit cap
    std::uint32_t haircut_bps = 500;
    // A quote's life and a prepare's together are a free option on the rate: both are short.
    std::int64_t quote_life_max_ms = 60'000;
    std::int64_t escrow_life_max_ms = 30'000;
    std::int64_t return_life_max_ms = 86'400'000;
    std::int64_t pay_in_deadline_ms = 3'600'000;  // after the cut-off
    std::int64_t attestation_age_max_ms = 93'600'000;
    std::int64_t validity_max_ms = 86'400'000;
    std::uint32_t sweep_per_block_max = 1000;
    std::uint32_t operations_per_envelope_max = 1000;
    std::uint32_t envelope_bytes_max = 262'144;
    std::vector<Corridor> corridors{};
    // A client's clock may be this far ahead of block time: a quote's issue, a prepare's deadline.
    std::int64_t skew_max_ms = 2000;
    std::uint32_t govern_threshold = 3;  // organisations

    [[nodiscard]] const Corridor* corridor(AssetId source, AssetId target) const {
        for (const Corridor& open : corridors) {
            if (open.source == source && open.target == target) {
                return &open;
            }
        }
        return nullptr;
    }
    friend bool operator==(const Policy&, const Policy&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.rate_mode, self.rate_band_bps, self.cap_bps, self.haircut_bps,
             self.quote_life_max_ms, self.escrow_life_max_ms, self.return_life_max_ms,
             self.pay_in_deadline_ms, self.attestation_age_max_ms, self.validity_max_ms,
             self.sweep_per_block_max, self.operations_per_envelope_max, self.envelope_bytes_max,
             self.corridors, self.skew_max_ms, self.govern_threshold);
    }
};

}  // namespace remit::ledger
