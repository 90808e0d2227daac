#pragma once

#include <filesystem>
#include <string>

#include "ledger/base/bytes.h"
#include "node/ops/failure.h"

namespace remit::node {

/// Reads a file that only its owner may see. Errors (exit not_allowed): missing, not a regular
/// file, a link, another owner, readable by group or others, larger than `size_max`.
Result<Bytes, Failure> read_secret_file(const std::filesystem::path& path,
                                        std::size_t size_max = 64U * 1024U);

/// Writes a new file with mode 0600, synced with its folder. Errors: wrong_usage when it exists.
Status<Failure> write_secret_file(const std::filesystem::path& path, ByteView bytes);

}  // namespace remit::node
