#include "node/tls/connection_book.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
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

constexpr ConnectionLimits few{.connections_max = 6,
                               .unknown_max = 4,
                               .unknown_per_source_max = 2,
                               .per_identity_max = 2,
                               .young_for = 6s};

/// From an address; every connection from another port of it.
ConnectionOrigin from(const std::string& source) {
    static int port = 0;
    return {.source = source, .place = source + ":" + std::to_string(++port)};
}

TransportPin key_of(std::uint8_t number) {
    TransportPin out;
    out.data.fill(number);
    return out;
}

/// What an end of the connection sees: true once the book has ended it.
bool has_ended(int other_end) {
    char byte = 0;
    return ::recv(other_end, &byte, 1, MSG_DONTWAIT) == 0;
}

/// A connected pair; [0] goes into the book.
struct Pair {
    std::array<int, 2> ends{-1, -1};
    Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0); }
    ~Pair() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    [[nodiscard]] bool ended() const { return has_ended(ends[1]); }
};

}  // namespace

TEST_CASE("connections: one source takes its share of the unknown ones and no more",
          "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    const ConnectionBook::Time start = std::chrono::steady_clock::now();
    REQUIRE(book.enter(sockets.open(), from("a"), start));
    REQUIRE(book.enter(sockets.open(), from("a"), start));
    REQUIRE_FALSE(book.enter(sockets.open(), from("a"), start));
    REQUIRE(book.enter(sockets.open(), from("b"), start));
    REQUIRE(book.unknown_count() == 3);
}

TEST_CASE("connections: one that outlived the handshake and makes no call makes way",
          "[node][tls]") {
    const std::array<Pair, 3> pairs;
    ConnectionBook book(few);
    const ConnectionBook::Time start = std::chrono::steady_clock::now();
    REQUIRE(book.enter(pairs[0].ends[0], from("a"), start));
    REQUIRE(book.enter(pairs[1].ends[0], from("a"), start + 1s));
    REQUIRE_FALSE(book.enter(pairs[2].ends[0], from("a"), start + 5s));
    REQUIRE(book.silent_ended() == 0);
    REQUIRE(book.enter(pairs[2].ends[0], from("a"), start + 6s));
    REQUIRE(pairs[0].ended());
    REQUIRE_FALSE(pairs[1].ended());
    REQUIRE(book.silent_ended() == 1);
    REQUIRE(book.unknown_count() == 2);
}

TEST_CASE("connections: a key has its share, whatever addresses it comes from", "[node][tls]") {
    const std::array<Pair, 4> pairs;
    ConnectionBook book(few);
    const ConnectionBook::Time now = std::chrono::steady_clock::now();
    std::vector<ConnectionOrigin> origins;
    for (const auto* source : {"a", "b", "c", "d"}) {
        origins.push_back(from(source));
        REQUIRE(book.enter(pairs[origins.size() - 1].ends[0], origins.back(), now));
    }
    REQUIRE(book.identify(origins[0].place, key_of(1)));
    REQUIRE(book.identify(origins[1].place, key_of(1)));
    REQUIRE(book.identify(origins[1].place, key_of(1)));  // each call shows it again
    REQUIRE_FALSE(book.identify(origins[2].place, key_of(1)));
    REQUIRE(pairs[2].ended());
    REQUIRE_FALSE(pairs[1].ended());
    REQUIRE(book.identify(origins[3].place, key_of(2)));
    REQUIRE(book.unknown_count() == 0);
    REQUIRE(book.identify("nobody:1", key_of(1)));
}

TEST_CASE("connections: a key gets its places back as its connections end", "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    const ConnectionBook::Time now = std::chrono::steady_clock::now();
    for (int i = 0; i < 2; ++i) {
        const auto origin = from("a");
        REQUIRE(book.enter(sockets.open(), origin, now));
        REQUIRE(book.identify(origin.place, key_of(1)));
    }
    sockets.close_all();
    const Pair pair;
    const auto origin = from("b");
    REQUIRE(book.enter(pair.ends[0], origin, now));
    REQUIRE(book.identify(origin.place, key_of(1)));
    REQUIRE_FALSE(pair.ended());
}

TEST_CASE("connections: room for the unknown and for all is bounded, and comes back",
          "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    ConnectionBook::Time now = std::chrono::steady_clock::now();
    std::vector<ConnectionOrigin> origins;
    for (const auto* source : {"a", "b", "c", "d"}) {
        REQUIRE(book.has_room(now));
        origins.push_back(from(source));
        REQUIRE(book.enter(sockets.open(), origins.back(), now));
    }
    REQUIRE_FALSE(book.has_room(now));
    std::uint8_t number = 0;
    for (const auto& origin : origins) {
        REQUIRE(book.identify(origin.place, key_of(++number)));
    }
    REQUIRE(book.has_room(now));
    for (int i = 0; i < 2; ++i) {
        const auto origin = from("a");
        REQUIRE(book.enter(sockets.open(), origin, now));
        REQUIRE(book.identify(origin.place, key_of(++number)));
    }
    // Six are open: it does not matter how old they are.
    REQUIRE_FALSE(book.has_room(now + 60s));
    sockets.close_all();
    REQUIRE(book.has_room(now + 61s));
    REQUIRE(book.unknown_count() == 0);
}

TEST_CASE("connections: a number used again is another connection", "[node][tls]") {
    Sockets sockets;
    ConnectionBook book(few);
    const ConnectionBook::Time start = std::chrono::steady_clock::now();
    const int first = sockets.open();
    const auto before = from("a");
    REQUIRE(book.enter(first, before, start));
    REQUIRE(book.identify(before.place, key_of(1)));
    REQUIRE(book.enter(sockets.open(), from("a"), start));
    ::close(first);
    const int again = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(again == first);
    REQUIRE(book.enter(again, from("a"), start + 1s));
    REQUIRE(book.unknown_count() == 2);
    REQUIRE_FALSE(book.enter(sockets.open(), from("a"), start + 1s));
}

TEST_CASE("connections: however low the limit of descriptors, the process keeps most",
          "[node][tls]") {
    const auto low = ConnectionLimits::of(256, 5s);
    REQUIRE(low.connections_max == 32);
    REQUIRE(low.unknown_max == 16);
    REQUIRE(low.unknown_per_source_max == 16);
    REQUIRE(low.per_identity_max == 16);
    const auto usual = ConnectionLimits::of(1024, 5s);
    REQUIRE(usual.connections_max == 160);
    REQUIRE(usual.unknown_max == 80);
    REQUIRE(usual.per_identity_max == 16);
    const auto high = ConnectionLimits::of(1'048'576, 5s);
    REQUIRE(high.connections_max == 8192);
    REQUIRE(high.unknown_max == 1024);
    REQUIRE(high.unknown_per_source_max == 256);
    REQUIRE(high.per_identity_max == 128);
}

}  // namespace remit::node
