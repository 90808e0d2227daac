#include "tools/cli/ids.h"

#include "ledger/base/time.h"
#include "node/seams/random.h"

namespace remit::cli {

Result<Uuid, Failure> parse_uuid(std::string_view text) {
    const auto id = uuid_from_text(text);
    if (!id) {
        return usage("'" + std::string(text) + "' is no UUID",
                     "write it in lower case with dashes: 019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41");
    }
    return *id;
}

Result<Hash, Failure> parse_hash(std::string_view text) {
    const auto hash = Hash::parse_hex(text);
    if (!hash) {
        return usage("'" + std::string(text) + "' is no id", "give its 64 hexadecimal digits");
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
