#pragma once

#include <string_view>

namespace remit::node {

/// Tells systemd of a change (`READY=1`, `STOPPING=1`, `WATCHDOG=1`) when it runs this program as
/// a service of type notify; does nothing otherwise.
void notify_service(std::string_view state);

}  // namespace remit::node
