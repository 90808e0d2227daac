#pragma once

#include <cstdint>
#include <vector>

#include "tools/cli/failure.h"

namespace remit::devnet {

/// Where the processes of a devnet listen, all on 127.0.0.1. Node i has three ports from base+10i
/// (peers, API, ops), gateway i from base+100+10i, rail i from base+200+10i.
struct Ports {
    std::uint16_t base = 0;
    [[nodiscard]] std::uint16_t node_peers(std::size_t i) const { return at(0, i, 0); }
    [[nodiscard]] std::uint16_t node_api(std::size_t i) const { return at(0, i, 1); }
    [[nodiscard]] std::uint16_t node_ops(std::size_t i) const { return at(0, i, 2); }
    [[nodiscard]] std::uint16_t gateway_api(std::size_t i) const { return at(100, i, 0); }
    [[nodiscard]] std::uint16_t gateway_ops(std::size_t i) const { return at(100, i, 2); }
    [[nodiscard]] std::uint16_t rail(std::size_t i) const { return at(200, i, 0); }
    [[nodiscard]] std::uint16_t rail_ops(std::size_t i) const { return at(200, i, 2); }

private:
    [[nodiscard]] std::uint16_t at(std::size_t group, std::size_t i, std::size_t offset) const {
        return static_cast<std::uint16_t>(base + group + 10 * i + offset);
    }
};

/// Every port that a network of these numbers of processes listens on.
std::vector<std::uint16_t> all_ports(Ports ports, std::size_t nodes, std::size_t gateways,
                                     std::size_t rails);

/// Held from the choice of ports until the processes listen on them, so that two networks started
/// at once on one machine do not choose the same. Waits for the other; ends with the process.
class PortsLock {
public:
    PortsLock();
    ~PortsLock();
    PortsLock(const PortsLock&) = delete;
    PortsLock& operator=(const PortsLock&) = delete;

private:
    int handle_ = -1;
};

/// True when nobody listens on 127.0.0.1:port now.
bool is_free(std::uint16_t port);

/// With `base` != 0 that base, or PORT_IN_USE (exit 7) naming the first taken port. With 0: 7000
/// when all of its ports are free, else the first free hundred above 10000.
Result<Ports, cli::Failure> choose_ports(std::uint16_t base, std::size_t nodes,
                                         std::size_t gateways, std::size_t rails);

}  // namespace remit::devnet
