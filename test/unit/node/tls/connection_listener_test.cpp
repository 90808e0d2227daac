#include "node/tls/connection_listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "test/support/node/free_port.h"

using namespace std::chrono_literals;

namespace remit::node {
namespace {

constexpr ConnectionLimits many{.connections_max = 100,
                                .unknown_max = 100,
                                .unknown_per_source_max = 100,
                                .per_identity_max = 100,
                                .young_for = 6s};

ConnectionListener::Settings settings_at(std::uint16_t port) {
    return {.name = "test.listen",
            .listen = {.host = "127.0.0.1", .port = port},
            .limits = many,
            .silence_max = 10s};
}

int connect_to(std::uint16_t port) {
    const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(out, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    return out;
}

int connect_to_six(std::uint16_t port) {
    const int out = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    REQUIRE(::connect(out, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    return out;
}

std::uint16_t own_port(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    return ntohs(address.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                     : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

/// True once the other end has closed it.
bool ends(int socket) {
    char byte = 0;
    return ::recv(socket, &byte, 1, 0) <= 0;
}

bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

/// While it lives the process gets no more descriptors.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
        ::close(next);
        const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("listener: goes on once there are descriptors again", "[node][tls]") {
    Metrics metrics;
    auto settings = settings_at(free_ports(1).front());
    settings.metrics = &metrics;
    auto listener = ConnectionListener::open(settings).value();
    const int waiting = connect_to(settings.listen.port);
    const auto paused = [&] {
        return metrics.text().find("remit_accept_pauses_total{listener=\"test.listen\"} 0") ==
               std::string::npos;
    };
    std::atomic<int> taken = 0;
    {
        const NoDescriptors none;
        listener->start([&](int socket) {
            ++taken;
            ::close(socket);
        });
        REQUIRE(eventually(paused));
        REQUIRE(taken == 0);
    }
    REQUIRE(eventually([&] { return taken == 1; }));
    REQUIRE(ends(waiting));
    const int later = connect_to(settings.listen.port);
    REQUIRE(ends(later));
    REQUIRE(taken == 2);
    ::close(waiting);
    ::close(later);
}

TEST_CASE("listener: a source over its share is turned away, the port stays open", "[node][tls]") {
    auto settings = settings_at(free_ports(1).front());
    settings.limits.unknown_per_source_max = 1;
    auto listener = ConnectionListener::open(settings).value();
    std::atomic<int> held = -1;
    listener->start([&](int socket) { held = socket; });
    const int first = connect_to(settings.listen.port);
    REQUIRE(eventually([&] { return held >= 0; }));
    const int second = connect_to(settings.listen.port);
    REQUIRE(ends(second));
    ::close(held.exchange(-1));
    REQUIRE(ends(first));
    std::this_thread::sleep_for(100ms);
    const int third = connect_to(settings.listen.port);
    REQUIRE(eventually([&] { return held >= 0; }));
    listener->stop();
    ::close(held);
    for (const int socket : {first, second, third}) {
        ::close(socket);
    }
}

TEST_CASE("listener: a call tells whose connection it is, as gRPC writes the peer", "[node][tls]") {
    const bool six = GENERATE(false, true);
    CAPTURE(six);
    auto settings = settings_at(free_ports(1).front());
    settings.listen.host = six ? "[::1]" : "127.0.0.1";
    settings.limits.per_identity_max = 1;
    auto opened = ConnectionListener::open(settings);
    if (six && !opened) {
        WARN("this machine has no IPv6");
        return;
    }
    auto& listener = **opened;
    std::atomic<int> taken = 0;
    std::vector<int> held(2, -1);
    listener.start([&](int socket) { held.at(static_cast<std::size_t>(taken++)) = socket; });
    std::vector<int> clients;
    std::vector<std::string> peers;
    for (int i = 0; i < 2; ++i) {
        clients.push_back(six ? connect_to_six(settings.listen.port)
                              : connect_to(settings.listen.port));
        const auto port = std::to_string(own_port(clients.back()));
        peers.push_back(six ? "ipv6:%5B::1%5D:" + port : "ipv4:127.0.0.1:" + port);
    }
    REQUIRE(eventually([&] { return taken == 2; }));
    TransportPin key;
    key.data.fill(7);
    REQUIRE(listener.identify(peers[0], key));
    REQUIRE_FALSE(listener.identify(peers[1], key));
    REQUIRE(ends(clients[1]));
    TransportPin other;
    other.data.fill(8);
    REQUIRE(listener.identify("ipv4:127.0.0.1:1", other));  // somebody who is gone
    listener.stop();
    for (const int socket : {held[0], held[1], clients[0], clients[1]}) {
        ::close(socket);
    }
}

TEST_CASE("listener: a taken port and a strange address are named", "[node][tls]") {
    const auto settings = settings_at(free_ports(1).front());
    auto first = ConnectionListener::open(settings).value();
    const auto second = ConnectionListener::open(settings);
    REQUIRE(second.error().exit == ExitCode::bad_configuration);
    REQUIRE(second.error().message ==
            "test.listen: cannot listen on " + settings.listen.text() + ": Address already in use");
    auto elsewhere = settings;
    elsewhere.listen.host = "192.0.2.1";
    REQUIRE(ConnectionListener::open(elsewhere).error().message.find("assign requested address") !=
            std::string::npos);
    // Stopped, it leaves the port to the next.
    first->stop();
    REQUIRE(ConnectionListener::open(settings));
}

TEST_CASE("listener: an IPv6 address in brackets and a name are understood", "[node][tls]") {
    auto settings = settings_at(free_ports(1).front());
    settings.listen.host = "localhost";
    auto listener = ConnectionListener::open(settings).value();
    std::atomic<int> taken = 0;
    listener->start([&](int socket) {
        ++taken;
        ::close(socket);
    });
    const int client = connect_to(settings.listen.port);
    REQUIRE(ends(client));
    REQUIRE(taken == 1);
    ::close(client);
    listener->stop();
    settings.listen.host = "[::]";
    auto wild = ConnectionListener::open(settings);
    if (wild) {  // a machine may have no IPv6
        (*wild)->start([&](int socket) { ::close(socket); });
        const int four = connect_to(settings.listen.port);
        REQUIRE(ends(four));
        ::close(four);
    }
}

}  // namespace remit::node
