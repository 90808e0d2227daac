#pragma once

#include <string>

#include "test/faults/command.h"
#include "test/support/devnet/devnet.h"

namespace remit::test {

/// Writes into the configuration of `from` where it finds its peer `to`; before it starts.
inline void set_peer_address(const Devnet& devnet, std::size_t from, std::size_t to,
                             const std::string& host, std::uint16_t port) {
    must_run("sed -i 's|^" + devnet.name(to) + " = .*|" + devnet.name(to) + " = \"" + host + ":" +
             std::to_string(port) + "\"|' " + devnet.config_file(from));
}

}  // namespace remit::test
