#include "ledger/base/uuid.h"

namespace remit {

namespace {
constexpr std::size_t text_size = 36;

bool is_dash_position(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}
}  // namespace

std::string to_text(const Uuid& id) {
    const std::string hex = id.hex();
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
}

std::optional<Uuid> uuid_from_text(std::string_view text) {
    if (text.size() != text_size) {
        return std::nullopt;
    }
    std::string hex;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_dash_position(i)) {
            if (text[i] != '-') {
                return std::nullopt;
            }
        } else if (text[i] >= 'A' && text[i] <= 'F') {
            return std::nullopt;
        } else {
            hex.push_back(text[i]);
        }
    }
    return Uuid::parse_hex(hex);
}

bool is_uuid_v4(const Uuid& id) {
    return (id.data[6] >> 4U) == 4 && (id.data[8] >> 6U) == 2;
}

Uuid uuid_v4_from(const Uuid& random) {
    Uuid id = random;
    id.data[6] = static_cast<std::uint8_t>((id.data[6] & 0x0FU) | 0x40U);
    id.data[8] = static_cast<std::uint8_t>((id.data[8] & 0x3FU) | 0x80U);
    return id;
}

}  // namespace remit
