#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/errors.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"

namespace remit::ledger {

/// Target major units for one source major unit = mantissa / 10^scale (ISO 20022 BaseOneRate).
struct Rate {
    static constexpr std::uint64_t mantissa_max = 99'999'999'999;
    static constexpr std::uint32_t scale_max = 10;
    std::uint64_t mantissa = 0;
    std::uint32_t scale = 0;

    friend bool operator==(const Rate&, const Rate&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.mantissa, self.scale);
    }
};

/// 1..mantissa_max and 0..scale_max.
bool is_valid(const Rate& rate);
/// `7.4735`; trailing zeros are kept as the scale says.
std::string to_text(const Rate& rate);
/// Error: bad_rate.
Result<Rate, LedgerError> parse_rate(std::string_view text);
/// Both valid: left < right as numbers, whatever their scales.
bool is_less(const Rate& left, const Rate& right);

/// Decimals of the currencies on both sides of a conversion.
struct Exponents {
    int source = 0;
    int target = 0;
};

/// SEND fixed: floor(source x rate), what arrives for exactly `source`.
/// Errors: bad_rate, below_min_delivery (nothing would arrive), amount_too_large.
Result<Minor, LedgerError> target_of(Minor source, const Rate& rate, Exponents exponents);
/// RECEIVE fixed: the smallest source that delivers `target`, ceil(target / rate).
/// Errors: bad_rate, amount_too_large.
Result<Minor, LedgerError> source_of(Minor target, const Rate& rate, Exponents exponents);

/// bid x (1 - bps/10^4) <= rate <= ask x (1 + bps/10^4).
struct RateBand {
    Rate bid{};
    Rate ask{};
    std::uint32_t bps = 0;
};
bool is_within(const Rate& rate, const RateBand& band);

/// A fee in the source asset, owned by a participant.
struct Fee {
    ParticipantId participant{};
    Minor amount = 0;

    friend bool operator==(const Fee&, const Fee&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.amount);
    }
};

enum class FixedSide : std::uint8_t { unspecified, send, receive };
constexpr FixedSide last_of(FixedSide) {
    return FixedSide::receive;
}

/// A maker's firm, exact, requester-bound, single-use offer: the maker takes `source` of the
/// source asset and gives `target` of the target asset.
struct Quote {
    Uuid quote_id{};
    ParticipantId maker{};
    ParticipantId requester{};
    AssetId source_asset{};
    AssetId target_asset{};
    FixedSide fixed = FixedSide::send;
    Minor source = 0;
    Minor target = 0;
    Rate rate{};
    std::uint64_t mark_id = 0;
    std::vector<Fee> fees{};
    std::uint32_t return_days = 0;  // the maker restores SAME_RATE this long
    std::uint32_t return_bps = 0;
    BlockTime issued_at{};
    BlockTime expires_at{};
    std::uint64_t nonce = 0;  // unique per maker for ever
    PublicKey key{};          // the maker's QUOTE key
    Signature signature{};

    friend bool operator==(const Quote&, const Quote&) = default;
    /// Everything but the signature, in signing order.
    template <class Self, class Fields>
    static void terms(Self& self, Fields&& each) {
        each(self.quote_id, self.maker, self.requester, self.source_asset, self.target_asset,
             self.fixed, self.source, self.target, self.rate, self.mark_id, self.fees,
             self.return_days, self.return_bps, self.issued_at, self.expires_at, self.nonce,
             self.key);
    }
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        terms(self, each);
        each(self.signature);
    }
};

/// What the maker signs: `remit.quote tag | chain id | version u8 = 1 | terms`.
Bytes quote_message(const Quote& quote, const ChainId& chain_id);
/// Signs with the maker's QUOTE key; `quote.key` becomes its public key.
void sign_quote(Quote& quote, const ChainId& chain_id, const SecretKey& key);
/// The signature is that of `quote.key`. Says nothing about who owns the key.
bool has_valid_signature(const Quote& quote, const ChainId& chain_id);

}  // namespace remit::ledger
