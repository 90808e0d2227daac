#include "test/faults/namespace_links.h"

#include <stdexcept>

#include "test/faults/command.h"
#include "test/faults/peer_address.h"

namespace remit::test {

namespace {

std::string tap(std::size_t port) {
    return "tap" + std::to_string(port);
}
std::string space(std::size_t node) {
    return "node" + std::to_string(node);
}

/// One port for each validator, one for the clients.
std::vector<std::string> tap_names(std::size_t validators) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i <= validators; ++i) {
        out.push_back(tap(i));
    }
    return out;
}

}  // namespace

NamespaceLinks::NamespaceLinks(const Devnet& devnet, std::uint64_t seed)
    : devnet_(devnet), frame_switch_(tap_names(devnet.size()), seed) {
    // A folder of names that ends with this process tree.
    must_run("mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip link set lo up");
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        const auto in_space = "ip -n " + space(i) + " ";
        must_run("ip netns add " + space(i) + " && ip link set " + tap(i) + " netns " + space(i) +
                 " && " + in_space + "link set lo up && " + in_space + "addr add " + host(i) +
                 "/24 dev " + tap(i) + " && " + in_space + "link set " + tap(i) + " up");
    }
    for (std::size_t from = 0; from < devnet.size(); ++from) {
        for (std::size_t to = 0; to < devnet.size(); ++to) {
            set_peer_address(devnet, from, to, host(to), devnet.peer_port(to));
        }
    }
    const auto own = tap(devnet.size());
    must_run("ip addr add 10.77.0.1/24 dev " + own + " && ip link set " + own + " up");
}

std::string NamespaceLinks::host(std::size_t node) const {
    return "10.77.0." + std::to_string(11 + node);
}

std::vector<std::string> NamespaceLinks::wrapper(std::size_t node) const {
    return {"ip", "netns", "exec", space(node)};
}

std::vector<std::string> NamespaceLinks::settings(std::size_t node) const {
    const auto listen = [&](const std::string& key, std::uint16_t port) {
        return key + ".listen=" + host(node) + ":" + std::to_string(port);
    };
    return {"--set", listen("peer", devnet_.peer_port(node)),
            "--set", listen("api", devnet_.api_port(node)),
            "--set", listen("ops", devnet_.ops_port(node))};
}

}  // namespace remit::test
