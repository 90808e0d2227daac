#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace remit::test {

/// A field of /proc/PID/status in KiB; -1 when it is not there.
long status_kib(pid_t pid, const std::string& field);

/// Milliseconds of processor that it has used, all threads; -1 when it is not there.
long processor_ms(pid_t pid);

/// So many nodes of a young network have room: each holds some 40 MiB, their threads and the test
/// want some as well.
bool room_for_nodes(std::size_t count);

/// Ports a process listens on, from the sockets among its descriptors.
std::set<std::uint16_t> listening_ports(pid_t pid);

}  // namespace remit::test
