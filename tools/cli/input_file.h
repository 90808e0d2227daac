#pragma once

#include <string>

#include "ledger/base/bytes.h"
#include "tools/cli/failure.h"

namespace remit::cli {

/// The bytes of a file that was named on the command line, a pipe too. Errors: exit 4 when it
/// cannot be read (with the system's reason), exit 2 when it has more than 64 MiB: no file of ours
/// has.
Result<Bytes, Failure> read_input(const std::string& path);

}  // namespace remit::cli
