#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/base/result.h"
#include "ledger/fx.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "remit/v1/types.pb.h"

namespace remit::ledger::wire {

/// Longest text field of any operation, in bytes (ISO 20022 Max140Text). Rules ask for less.
inline constexpr std::size_t text_bytes_max = 140;
/// Latest time a body may name: the last millisecond of the year 9999. Keeps sums of times in 64
/// bits wherever they are formed.
inline constexpr std::int64_t time_ms_max = 253'402'300'799'999;
/// Most elements of a list inside one operation (quotes, fees, bank entries, approvals, keys).
inline constexpr int list_count_max = 1000;

/// Turns Protobuf fields into ledger values and keeps the first error, so that a decoder reads all
/// fields and asks once. A failed read gives a zero value.
class FieldCheck {
public:
    /// Exactly Fixed::size bytes, not all zero. Error: bad_encoding.
    template <class Fixed>
    Fixed id(ByteView bytes) {
        const auto value = Fixed::from(bytes);
        require(value.has_value() && !value->is_zero());
        return value.value_or(Fixed{});
    }
    /// Empty reads as zero; otherwise like `id`.
    template <class Fixed>
    Fixed optional_id(ByteView bytes) {
        return bytes.empty() ? Fixed{} : id<Fixed>(bytes);
    }
    /// Errors: bad_encoding; not_a_uuid unless version 4.
    Uetr uetr(ByteView bytes);
    /// 1..65535. Error: bad_encoding.
    AssetId asset(std::uint32_t number);
    /// 1 and up. Error: bad_encoding.
    ParticipantId participant(std::uint32_t number);
    /// Any sign; zero and negative amounts are for the rules. Error: amount_too_large.
    Minor amount(std::int64_t minor);
    /// 0..time_ms_max. Error: bad_encoding.
    BlockTime time(std::int64_t ms);
    /// At most text_bytes_max bytes without control characters; may be empty. Error: bad_encoding.
    Bytes text(const std::string& value);
    /// Error: bad_rate over eleven digits or ten decimals.
    Rate rate(const v1::Rate& value);
    /// An enumerator other than UNSPECIFIED; both enums number alike. Error: bad_encoding.
    template <class Enum>
    Enum enumerator(int number) {
        const bool known = number > 0 && number <= static_cast<int>(last_of(Enum{}));
        require(known);
        return known ? static_cast<Enum>(number) : Enum{};
    }
    /// A list short enough to be read. Error: too_large.
    bool list(int count);
    void require(bool holds, LedgerError otherwise = LedgerError::bad_encoding);

    [[nodiscard]] const std::optional<LedgerError>& error() const { return error_; }

private:
    std::optional<LedgerError> error_;
};

}  // namespace remit::ledger::wire
