#include "tools/cli/ids.h"

#include <sodium.h>

#include "ledger/base/time.h"
#include "node/seams/random.h"

namespace remit::cli {

namespace {

/// The bytes of an id as the API's JSON has it, in base64; nothing when `text` is something else.
std::optional<Bytes> from_base64(std::string_view text, std::size_t size) {
    Bytes bytes(size, '\0');
    std::size_t length = 0;
    const bool read = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()),
                                        bytes.size(), text.data(), text.size(), nullptr, &length,
                                        nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
    return read && length == size ? std::optional(bytes) : std::nullopt;
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& letter : lower) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return lower;
}

}  // namespace

Result<Uuid, Failure> parse_uuid(std::string_view text) {
    if (const auto bytes = from_base64(text, Uuid::size)) {
        return Uuid::from(*bytes).value();
    }
    const auto id = uuid_from_text(in_lower_case(text));
    if (!id) {
        return usage("'" + std::string(text) + "' is no UUID",
                     "write it with dashes, like 019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41");
    }
    return *id;
}

Result<Hash, Failure> parse_hash(std::string_view text) {
    if (const auto bytes = from_base64(text, Hash::size)) {
        return Hash::from(*bytes).value();
    }
    const auto hash = Hash::parse_hex(in_lower_case(text));
    if (!hash) {
        return usage("'" + std::string(text) + "' is no id",
                     "give its 64 hexadecimal digits, as remit remittance send shows them");
    }
    return *hash;
}

Uuid new_uuid() {
    node::SystemRandom random;
    return uuid_v4_from(random.draw<Uuid>());
}

std::string uuid_text(ByteView bytes) {
    const auto id = Uuid::from(bytes);
    return id ? to_text(*id) : "-";
}

std::string short_hex(ByteView bytes) {
    constexpr std::size_t shown = 4;
    return bytes.empty() ? "-" : to_hex(bytes.substr(0, shown)) + "...";
}

std::string time_text(std::int64_t ms) {
    return ms == 0 ? "-" : to_text(BlockTime{ms});
}

}  // namespace remit::cli
