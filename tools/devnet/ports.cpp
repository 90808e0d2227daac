#include "tools/devnet/ports.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace remit::devnet {
namespace {

constexpr std::uint16_t base_default = 7000;
// Below the kernel's range for outgoing connections, which could take a port between the test
// here and the start of the process.
constexpr std::uint16_t base_first = 10000;
constexpr std::uint16_t base_last = 32000;
constexpr std::uint16_t base_step = 300;

std::uint16_t first_taken(const std::vector<std::uint16_t>& ports) {
    const auto taken = std::find_if_not(ports.begin(), ports.end(), is_free);
    return taken == ports.end() ? std::uint16_t{0} : *taken;
}

}  // namespace

PortsLock::PortsLock() {
    const auto path = std::filesystem::temp_directory_path() / "remit-devnet-ports.lock";
    constexpr int everybody = 0666;
    handle_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, everybody);
    // Without the lock file ports are chosen all the same, only two at once may clash.
    if (handle_ >= 0) {
        flock(handle_, LOCK_EX);
    }
}

PortsLock::~PortsLock() {
    if (handle_ >= 0) {
        close(handle_);
    }
}

std::vector<std::uint16_t> all_ports(Ports ports, std::size_t nodes, std::size_t gateways,
                                     std::size_t rails) {
    std::vector<std::uint16_t> all;
    for (std::size_t i = 0; i < nodes; ++i) {
        all.insert(all.end(), {ports.node_peers(i), ports.node_api(i), ports.node_ops(i)});
    }
    for (std::size_t i = 0; i < gateways; ++i) {
        all.insert(all.end(), {ports.gateway_api(i), ports.gateway_ops(i)});
    }
    for (std::size_t i = 0; i < rails; ++i) {
        all.insert(all.end(), {ports.rail(i), ports.rail_ops(i)});
    }
    return all;
}

bool is_free(std::uint16_t port) {
    const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0) {
        return false;
    }
    // As the servers do: a port whose last connection is only winding down is free.
    const int yes = 1;
    setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool bound =
        bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(handle);
    return bound;
}

Result<Ports, cli::Failure> choose_ports(std::uint16_t base, std::size_t nodes,
                                         std::size_t gateways, std::size_t rails) {
    const auto taken = [&](std::uint16_t candidate) {
        return first_taken(all_ports(Ports{candidate}, nodes, gateways, rails));
    };
    if (base != 0) {
        if (const auto port = taken(base); port != 0) {
            return fail(cli::Failure{"PORT_IN_USE", "port " + std::to_string(port) + " is taken",
                                     "stop what listens there, or leave out --base-port",
                                     cli::ExitCode::bad_configuration});
        }
        return Ports{base};
    }
    if (taken(base_default) == 0) {
        return Ports{base_default};
    }
    for (std::uint16_t candidate = base_first; candidate <= base_last;
         candidate = static_cast<std::uint16_t>(candidate + base_step)) {
        if (taken(candidate) == 0) {
            return Ports{candidate};
        }
    }
    return fail(cli::Failure{"PORT_IN_USE", "no free block of ports on 127.0.0.1",
                             "give one with --base-port", cli::ExitCode::bad_configuration});
}

}  // namespace remit::devnet
