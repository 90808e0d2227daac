#include "node/tls/connection_book.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

using namespace std::chrono_literals;

namespace remit::node {
namespace {

/// Open sockets, closed with this object.
struct Sockets {
    std::vector<int> all;
    ~Sockets() {
        for (const int socket : all) {
            ::close(socket);
        }
    }
    int open() { return all.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
    void close_all() {
        for (const int socket : all) {
            ::close(socket);
        }
        all.clear();
    }
};

constexpr ConnectionLimits few{
    .connections_max = 6, .young_max = 4, .young_per_source_max = 2, .young_for = 6s};

}  // namespace

TEST_CASE("connections: one source takes its share of the young ones and no more", "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    const ConnectionBook::Time start = std::chrono::steady_clock::now();
    REQUIRE(book.enter(sockets.open(), "a", start));
    REQUIRE(book.enter(sockets.open(), "a", start));
    REQUIRE_FALSE(book.enter(sockets.open(), "a", start));
    REQUIRE(book.enter(sockets.open(), "b", start));
    REQUIRE(book.young_count() == 3);
    // A connection that outlived the handshake belongs to somebody listed.
    REQUIRE(book.has_room(start + 6s));
    REQUIRE(book.young_count() == 0);
    REQUIRE(book.enter(sockets.open(), "a", start + 6s));
}

TEST_CASE("connections: room for the unknown and for all is bounded, and comes back",
          "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    ConnectionBook::Time now = std::chrono::steady_clock::now();
    for (const auto* source : {"a", "b", "c", "d"}) {
        REQUIRE(book.has_room(now));
        REQUIRE(book.enter(sockets.open(), source, now));
    }
    REQUIRE_FALSE(book.has_room(now));
    now += 6s;
    REQUIRE(book.has_room(now));
    REQUIRE(book.enter(sockets.open(), "a", now));
    REQUIRE(book.enter(sockets.open(), "a", now));
    // Six are open: it does not matter any more how old they are.
    REQUIRE_FALSE(book.has_room(now + 60s));
    sockets.close_all();
    REQUIRE(book.has_room(now + 61s));
    REQUIRE(book.young_count() == 0);
}

TEST_CASE("connections: a number used again is another connection", "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    const ConnectionBook::Time start = std::chrono::steady_clock::now();
    const int first = sockets.open();
    REQUIRE(book.enter(first, "a", start));
    REQUIRE(book.enter(sockets.open(), "a", start));
    ::close(first);
    const int again = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(again == first);
    REQUIRE(book.enter(again, "a", start + 1s));
    REQUIRE(book.young_count() == 2);
    REQUIRE_FALSE(book.enter(sockets.open(), "a", start + 1s));
}

TEST_CASE("connections: however low the limit of descriptors, the process keeps most",
          "[node][tls]") {
    const auto low = ConnectionLimits::of(256, 5s);
    REQUIRE(low.connections_max == 32);
    REQUIRE(low.young_max == 16);
    REQUIRE(low.young_per_source_max == 16);
    const auto usual = ConnectionLimits::of(1024, 5s);
    REQUIRE(usual.connections_max == 160);
    REQUIRE(usual.young_max == 80);
    const auto high = ConnectionLimits::of(1'048'576, 5s);
    REQUIRE(high.connections_max == 8192);
    REQUIRE(high.young_max == 1024);
    REQUIRE(high.young_per_source_max == 256);
}

}  // namespace remit::node
