#include <catch2/catch.hpp>
#include <future>

#include "test/support/devnet/held_connections.h"
#include "test/support/devnet/http2_frames.h"
#include "test/support/devnet/member_client.h"
#include "test/support/devnet/process_facts.h"
#include "test/support/devnet/tls_socket.h"

using namespace std::chrono_literals;

// What a listed party's connection may cost, limit by limit (reliability.md 5.2, 24, 25, 27, 29;
// section 2, N4).

namespace remit::test {
namespace {

using http2::frame;
using http2::FrameType;

constexpr const char* status_path = "/remit.v1.LedgerService/GetNodeStatus";
constexpr const char* votes_path = "/remit.peer.v1.PeerService/Votes";
constexpr long growth_max_kib = 64 * 1024;

struct Listener {
    std::uint16_t port;
    const node::TlsIdentity& identity;
    const char* path;
};

std::vector<Listener> listeners_of(const Devnet& devnet) {
    return {{devnet.api_port(0), devnet.client(), status_path},
            {devnet.peer_port(0), devnet.identity(1), votes_path}};
}

long memory_kib(Devnet& devnet) {
    return status_kib(devnet.process(0).pid(), "VmRSS");
}

/// Until `wanted` is among what came, the other end closes or the limit passes.
bool says(TlsSocket& socket, const std::string& wanted) {
    std::string came;
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (came.find(wanted) == std::string::npos) {
        if (!socket.is_open() || std::chrono::steady_clock::now() > until) {
            return false;
        }
        came += socket.receive(100ms);
    }
    return true;
}

/// As gRPC's server writes the end of a call.
std::string status_header(int code) {
    const auto text = std::to_string(code);
    return "grpc-status" + std::string(1, static_cast<char>(text.size())) + text;
}

/// `bytes` of zeros as gzip has them with fixed codes: 258 in 13 bits.
std::string gzip_bomb(std::size_t bytes) {
    std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    unsigned filled = 0;
    unsigned last = 0;
    const auto put = [&](unsigned bit) {
        last |= bit << filled;
        if (++filled == 8) {
            out += static_cast<char>(last);
            filled = last = 0;
        }
    };
    const auto put_code = [&](unsigned code, int size) {
        for (int bit = size - 1; bit >= 0; --bit) {
            put(code >> static_cast<unsigned>(bit) & 1U);
        }
    };
    put(1);                   // the last block
    put_code(0b10, 2);        // of fixed codes
    put_code(0b00110000, 8);  // a zero byte
    for (std::size_t done = 1; done + 258 <= bytes; done += 258) {
        put_code(0b11000101, 8);  // the byte before, 258 times
        put_code(0b00000, 5);
    }
    put_code(0, 7);
    while (filled != 0) {
        put(0);
    }
    return out + std::string(8, '\0');
}

/// A message of gRPC in frames of HTTP/2.
std::string message(bool compressed, std::uint32_t claimed, const std::string& payload) {
    std::string bytes(1, compressed ? '\x01' : '\x00');
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        bytes += static_cast<char>((claimed >> shift) & 0xffU);
    }
    bytes += payload;
    std::string out;
    constexpr std::size_t frame_max = 16'384;
    for (std::size_t at = 0; at < bytes.size(); at += frame_max) {
        out += frame(FrameType::data, 0, 1, bytes.substr(at, frame_max));
    }
    return out;
}

std::string call(const Listener& listener, const std::string& more_headers = "") {
    return http2::preface() + frame(FrameType::headers, http2::end_headers, 1,
                                    http2::call_headers(listener.path) + more_headers);
}

}  // namespace

TEST_CASE("http/2: pings that come too often end the connection", "[integration][http2]") {
    Devnet devnet;
    devnet.start_all();
    for (const auto& listener : listeners_of(devnet)) {
        CAPTURE(listener.path);
        TlsSocket socket(listener.port, listener.identity);
        REQUIRE(socket.send(http2::preface()));
        std::string pings;
        for (int i = 0; i < 20; ++i) {
            pings += frame(FrameType::ping, 0, 0, "12345678");
        }
        socket.send(pings);
        CHECK(says(socket, "too_many_pings"));
        CHECK(eventually([&] { return socket.receive(50ms).empty() && !socket.is_open(); }, 20s));
    }
    MemberClient(devnet, 0).must_open();
}

// Memory is not bounded here: what gRPC 1.51 makes of each such call stays with the process, and
// neither its quota nor fewer streams change that (docs/operate/debian.md).
TEST_CASE("http/2: twenty thousand calls taken back at once end nothing and stop nobody",
          "[integration][http2]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient member(devnet, 0);
    member.must_open();
    for (const auto& listener : listeners_of(devnet)) {
        CAPTURE(listener.path);
        TlsSocket socket(listener.port, listener.identity);
        REQUIRE(socket.send(http2::preface()));
        auto flood = std::async(std::launch::async, [&] {
            const auto headers = http2::call_headers(listener.path);
            std::string chunk;
            for (std::uint32_t i = 0; i < 20'000 && socket.is_open(); ++i) {
                chunk += frame(FrameType::headers, http2::end_headers, 1 + 2 * i, headers) +
                         frame(FrameType::reset, 0, 1 + 2 * i, std::string("\0\0\0\x08", 4));
                if (i % 1000 == 999) {
                    socket.send(chunk);
                    chunk.clear();
                }
            }
        });
        member.must_open();
        flood.get();
        member.must_open();
        CHECK(devnet.is_running(0));
    }
    CHECK(eventually([&] { return metric(devnet.ops_port(0), "remit_peers_connected") == 3; }));
}

TEST_CASE("http/2: compressed bytes are refused and never unpacked", "[integration][http2]") {
    // What fits into the first window of a connection; so many of it that it shows in memory.
    constexpr std::size_t unpacked_each = std::size_t{9} << 20U;
    constexpr int sockets_count = 15;
    const auto bomb = gzip_bomb(unpacked_each);
    REQUIRE(bomb.size() < 60'000);
    Devnet devnet;
    devnet.start_all();
    for (const auto& listener : listeners_of(devnet)) {
        CAPTURE(listener.path);
        const auto before_kib = memory_kib(devnet);
        std::vector<std::unique_ptr<TlsSocket>> sockets;
        for (int i = 0; i < sockets_count; ++i) {
            sockets.push_back(std::make_unique<TlsSocket>(listener.port, listener.identity));
            REQUIRE(sockets.back()->send(
                call(listener, http2::literal_header("grpc-encoding", "gzip")) +
                message(true, static_cast<std::uint32_t>(bomb.size()), bomb)));
        }
        for (const auto& socket : sockets) {
            CHECK(says(*socket, status_header(12)));  // UNIMPLEMENTED
        }
        CHECK(memory_kib(devnet) < before_kib + growth_max_kib);
    }
    MemberClient(devnet, 0).must_open();
}

TEST_CASE("http/2: a message of 2 GiB costs nothing by what its head claims",
          "[integration][http2]") {
    constexpr int sockets_count = 15;
    Devnet devnet;
    devnet.start_all();
    for (const auto& listener : listeners_of(devnet)) {
        CAPTURE(listener.path);
        const auto before_kib = memory_kib(devnet);
        std::vector<std::unique_ptr<TlsSocket>> sockets;
        for (int i = 0; i < sockets_count; ++i) {
            sockets.push_back(std::make_unique<TlsSocket>(listener.port, listener.identity));
            REQUIRE(sockets.back()->send(call(listener) + message(false, 0x7fffffff, "")));
        }
        std::this_thread::sleep_for(2s);
        CHECK(memory_kib(devnet) < before_kib + growth_max_kib);
        MemberClient(devnet, 0).must_open();
        // Nothing follows: each ends once it leaves a ping unanswered.
        for (const auto& socket : sockets) {
            CHECK(eventually([&] { return socket->receive(50ms).empty() && !socket->is_open(); },
                             60s));
        }
    }
}

TEST_CASE("http/2: who falls silent behind an open call is given up, its place is free again",
          "[integration][http2]") {
    Devnet devnet;
    devnet.start_all();
    for (const auto& listener : listeners_of(devnet)) {
        CAPTURE(listener.path);
        // Acknowledged by this kernel, answered by nobody: only HTTP/2's own pings notice.
        HeldConnections answers(listener.port, listener.identity, "");
        answers.add(1);
        TlsSocket silent(listener.port, listener.identity);
        REQUIRE(silent.send(call(listener)));
        std::this_thread::sleep_for(15s);
        CHECK(eventually([&] { return silent.receive(50ms).empty() && !silent.is_open(); }, 40s));
        CHECK(answers.open() == 1);
    }
}

}  // namespace remit::test
