#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "test/support/devnet/http2_attacks.h"
#include "test/support/devnet/http2_frames.h"
#include "test/support/devnet/member_client.h"
#include "test/support/devnet/process_facts.h"
#include "test/support/devnet/tls_socket.h"

using namespace std::chrono_literals;

// Strangers never get as far as HTTP/2: they have no certificate. A listed party that turns on us
// may cost processor time until it is taken off the list; it must not end the node, nor keep others
// from it.

namespace remit::test {
namespace {

constexpr const char* status_path = "/remit.v1.LedgerService/GetNodeStatus";
constexpr const char* votes_path = "/remit.peer.v1.PeerService/Votes";

}  // namespace

TEST_CASE("http/2: a listed party that turns hostile ends no node and stops nobody else",
          "[integration][http2]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    const struct {
        std::uint16_t port;
        const node::TlsIdentity& identity;
        const char* path;
    } listeners[] = {{devnet.api_port(0), devnet.client(), status_path},
                     {devnet.peer_port(0), devnet.identity(1), votes_path}};
    for (const auto& listener : listeners) {
        for (const auto& attack : http2::attacks(listener.path)) {
            CAPTURE(attack.name, listener.path);
            auto under_way = std::async(std::launch::async, [&] {
                http2::carry_out(attack, listener.port, listener.identity);
            });
            client.must_open();
            under_way.get();
            REQUIRE(devnet.is_running(0));
        }
    }
    // Twice: what one attack left must not be in the way of the next.
    client.must_open();
    // What the node needs by itself, and what its two servers may take (their resource quotas).
    constexpr long memory_max_kib = (256 + 512 + 512) * 1024;
    CHECK(status_kib(devnet.process(0).pid(), "VmHWM") < memory_max_kib);
    REQUIRE(eventually([&] { return metric(devnet.ops_port(0), "remit_peers_connected") == 3; }));
}

TEST_CASE("http/2: a stranger's bytes never reach HTTP/2", "[integration][http2]") {
    Devnet devnet(1);
    devnet.start_all();
    const auto stranger = node::make_tls_identity("client").value();
    const MemberClient client(devnet, 0);
    for (const auto port : {devnet.api_port(0), devnet.peer_port(0)}) {
        TlsSocket listed(port, port == devnet.api_port(0) ? devnet.client() : devnet.identity(0));
        listed.send(http2::preface());
        TlsSocket unlisted(port, stranger);
        unlisted.send(http2::preface());
        CAPTURE(port);
        // The server's own SETTINGS come first, to whom it talks to at all.
        if (port == devnet.api_port(0)) {
            REQUIRE(listed.receive(2s).size() >= 9);
        }
        REQUIRE(unlisted.receive(2s).empty());
        REQUIRE_FALSE(unlisted.is_open());
        const auto before_kib = status_kib(devnet.process(0).pid(), "VmRSS");
        for (const auto& attack : http2::attacks(status_path)) {
            http2::carry_out(attack, port, stranger);
        }
        constexpr long growth_max_kib = 64 * 1024;
        CHECK(status_kib(devnet.process(0).pid(), "VmRSS") < before_kib + growth_max_kib);
    }
    client.must_open();
}

TEST_CASE("http/2: no listener without certificates but the loopback's health port",
          "[integration][http2]") {
    Devnet devnet(1);
    devnet.start_all();
    REQUIRE(listening_ports(devnet.process(0).pid()) ==
            std::set<std::uint16_t>{devnet.api_port(0), devnet.peer_port(0), devnet.ops_port(0)});
    for (const auto port : {devnet.api_port(0), devnet.peer_port(0)}) {
        CAPTURE(port);
        // Plain text: a TLS alert at most, never a frame.
        const auto answer = send_raw(port, http2::preface());
        REQUIRE((answer.empty() || answer[0] == '\x15'));
    }
    REQUIRE_THAT(send_raw(devnet.ops_port(0), http2::preface()),
                 !Catch::Contains(std::string("\x00\x04\x00", 3)));
}

TEST_CASE("ports: connections that say nothing or half of something keep nobody out",
          "[integration][http2]") {
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    std::vector<std::unique_ptr<TlsSocket>> halves;
    for (int i = 0; i < 30; ++i) {
        // Through the handshake, then half of a preface: slow headers.
        halves.push_back(std::make_unique<TlsSocket>(devnet.api_port(0), devnet.client()));
        halves.back()->send("PRI * HTTP");
    }
    std::vector<std::future<std::string>> silent;
    for (int i = 0; i < 30; ++i) {
        const auto ports = {devnet.api_port(0), devnet.peer_port(0), devnet.ops_port(0)};
        for (const auto port : ports) {
            silent.push_back(std::async(std::launch::async, [port, i] {
                return send_raw(port, i % 2 == 0 ? "" : "GET /hea", 3s);
            }));
        }
    }
    client.must_open();
    REQUIRE(
        eventually([&] { return http_get(devnet.ops_port(0), "/healthz").status == 200; }, 90s));
    for (auto& each : silent) {
        each.get();
    }
    client.must_open();
}

}  // namespace remit::test
