#include <catch2/catch.hpp>

#include "test/support/devnet/devnet.h"
#include "test/support/devnet/member_client.h"
#include "test/support/devnet/silent_connections.h"

using namespace std::chrono_literals;

// Anybody who reaches a port can hold descriptors there, without a certificate. gRPC's own accept
// loop gives up for good when they run out.

namespace remit::test {
namespace {

constexpr int descriptors_max = 256;
constexpr int flood = 300;

void start_with_few_descriptors(Devnet& devnet, std::size_t node) {
    devnet.start(node, {}, {"prlimit", "--nofile=" + std::to_string(descriptors_max)});
}

/// On a connection of its own; a call that finds the listener busy tries again.
void must_open_at(const Devnet& devnet, std::size_t node) {
    MemberClient client(devnet, node);
    client.wait_at_most(60s);
    client.must_open();
}

bool has_peers(const Devnet& devnet, std::size_t node, double count) {
    return eventually(
        [&] { return metric(devnet.ops_port(node), "remit_peers_connected") == count; }, 120s);
}

}  // namespace

TEST_CASE("ports: a flood of silent connections closes no listener for good",
          "[integration][http2]") {
    Devnet devnet;
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        start_with_few_descriptors(devnet, i);
    }
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        REQUIRE(has_peers(devnet, i, 3));
    }
    // f + 1 nodes: without them the others make no quorum once their connections end.
    for (const std::size_t victim : {0U, 1U}) {
        for (const auto port : {devnet.api_port(victim), devnet.peer_port(victim)}) {
            const SilentConnections silent(port, flood);
            CAPTURE(victim, port);
            REQUIRE(silent.count() > descriptors_max);
            std::this_thread::sleep_for(2s);
        }
    }
    for (const std::size_t victim : {0U, 1U}) {
        must_open_at(devnet, victim);
        REQUIRE(devnet.is_running(victim));
    }
    // Nodes 0, 1 and 3 are a quorum only if 0 and 1 take the new connections of 3.
    devnet.process(3).kill();
    start_with_few_descriptors(devnet, 3);
    REQUIRE(has_peers(devnet, 0, 3));
    REQUIRE(has_peers(devnet, 1, 3));
    REQUIRE(has_peers(devnet, 3, 3));
    devnet.process(2).kill();
    must_open_at(devnet, 0);
}

TEST_CASE("ports: who says nothing is cut off after a few seconds", "[integration][http2]") {
    Devnet devnet(1);
    devnet.start_all();
    for (const auto port : {devnet.api_port(0), devnet.peer_port(0)}) {
        const SilentConnections silent(port, 20);
        REQUIRE(silent.count() == 20);
        CAPTURE(port);
        REQUIRE(eventually([&] { return silent.ended() == silent.count(); }, 60s));
    }
}

}  // namespace remit::test
