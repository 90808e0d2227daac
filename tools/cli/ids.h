#pragma once

#include <string>
#include <string_view>

#include "ledger/base/hash.h"
#include "ledger/base/uuid.h"
#include "tools/cli/failure.h"

namespace remit::cli {

/// A UUID typed by a person: text with dashes, or the base64 of -o json; exit 2 otherwise.
Result<Uuid, Failure> parse_uuid(std::string_view text);

/// A transaction id or another hash: 64 hexadecimal digits, or the base64 of -o json; exit 2
/// otherwise.
Result<Hash, Failure> parse_hash(std::string_view text);

/// A new UUID v4 from the operating system's generator.
Uuid new_uuid();

/// Text of 16 raw bytes of an answer; `-` when they are not 16.
std::string uuid_text(ByteView bytes);

/// The first eight hexadecimal digits and `...`; `-` when empty.
std::string short_hex(ByteView bytes);

/// `2024-12-31 16:00:00.000 UTC`; `-` for 0.
std::string time_text(std::int64_t ms);

}  // namespace remit::cli
