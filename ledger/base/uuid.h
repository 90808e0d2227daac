#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/bytes.h"

namespace remit {

/// 16 bytes of a UUID. A UETR is a version 4 UUID written in lower case (ISO 20022).
using Uuid = FixedBytes<16, struct UuidTag>;

/// `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`, lower case.
std::string to_text(const Uuid& id);

/// Only the canonical lower-case text with dashes; any version. Empty optional otherwise.
std::optional<Uuid> uuid_from_text(std::string_view text);

/// True for version 4 with the RFC 4122 variant.
bool is_uuid_v4(const Uuid& id);

/// A version 4 UUID from 16 random bytes (the caller's: the cores draw none).
Uuid uuid_v4_from(const Uuid& random);

}  // namespace remit
