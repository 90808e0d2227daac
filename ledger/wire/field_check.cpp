#include "ledger/wire/field_check.h"

#include <limits>

namespace remit::ledger::wire {

namespace {

// Protobuf has checked that the text is UTF-8. C0 controls and DEL are one byte; C1 controls are
// U+0080 to U+009F, two bytes beginning with C2.
bool has_control_character(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7f) {
            return true;
        }
        if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
            return true;
        }
    }
    return false;
}

}  // namespace

Uetr FieldCheck::uetr(ByteView bytes) {
    const auto value = id<Uetr>(bytes);
    require(is_uuid_v4(value), LedgerError::not_a_uuid);
    return value;
}

AssetId FieldCheck::asset(std::uint32_t number) {
    require(number > 0 && number <= std::numeric_limits<std::uint16_t>::max());
    return AssetId{static_cast<std::uint16_t>(number)};
}

ParticipantId FieldCheck::participant(std::uint32_t number) {
    require(number > 0);
    return ParticipantId{number};
}

Minor FieldCheck::amount(std::int64_t minor) {
    require(in_range(minor), LedgerError::amount_too_large);
    return in_range(minor) ? minor : 0;
}

BlockTime FieldCheck::time(std::int64_t ms) {
    const bool in_years = ms >= 0 && ms <= time_ms_max;
    require(in_years);
    return BlockTime{in_years ? ms : 0};
}

Bytes FieldCheck::text(const std::string& value) {
    require(value.size() <= text_bytes_max && !has_control_character(value));
    return value;
}

Rate FieldCheck::rate(const v1::Rate& value) {
    require(value.mantissa() <= Rate::mantissa_max && value.scale() <= Rate::scale_max,
            LedgerError::bad_rate);
    return {.mantissa = value.mantissa(), .scale = value.scale()};
}

bool FieldCheck::list(int count) {
    require(count <= list_count_max, LedgerError::too_large);
    return count <= list_count_max;
}

void FieldCheck::require(bool holds, LedgerError otherwise) {
    if (!holds && !error_) {
        error_ = otherwise;
    }
}

}  // namespace remit::ledger::wire
