#pragma once

#include <optional>
#include <string>

#include "consensus/output.h"

namespace remit::node {

/// Why this node gives no receipts any more, in words for its log and /readyz; none: it goes on.
[[nodiscard]] std::optional<std::string> stop_reason(const consensus::Output& output);

}  // namespace remit::node
