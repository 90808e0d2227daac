#pragma once

#include "node/seams/key_file.h"

namespace remit::node {

/// The bytes of a small file (1 KiB at most) that only its owner can read. Errors: missing;
/// malformed (no regular file); too_open.
Result<Bytes, KeyFileError> read_private_file(const std::string& path);

/// Refuses a link, a file with a second name and one of another user: a key that can be read
/// elsewhere is no secret. Errors: missing, too_open.
Status<KeyFileError> check_single_file(const std::string& path);

}  // namespace remit::node
