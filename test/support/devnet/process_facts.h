#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>

namespace remit::test {

/// A field of /proc/PID/status in KiB; -1 when it is not there.
long status_kib(pid_t pid, const std::string& field);

/// Ports a process listens on, from the sockets among its descriptors.
std::set<std::uint16_t> listening_ports(pid_t pid);

}  // namespace remit::test
