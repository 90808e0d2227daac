#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>

#include "test/support/devnet/http2_frames.h"
#include "test/support/devnet/member_client.h"
#include "test/support/devnet/tls_socket.h"

using namespace std::chrono_literals;

// Debian's gRPC carries no patch for what HTTP/2 allows a connection to cost (CVE-2023-33953,
// CVE-2023-44487). Strangers never get so far: they have no certificate. A listed party that turns
// on us may cost processor time until it is taken off the list; it must not end the node, nor keep
// others from it.

namespace remit::test {
namespace {

namespace fs = std::filesystem;
using http2::FrameType;

constexpr const char* status_path = "/remit.v1.LedgerService/GetNodeStatus";
constexpr const char* votes_path = "/remit.peer.v1.PeerService/Votes";

/// Bytes sent so many times over, behind the preface.
struct Attack {
    std::string name;
    std::string first;
    std::string repeated;
    int times = 0;
};

std::string rapid_resets(const std::string& path, std::uint32_t first, std::uint32_t count) {
    const auto headers = http2::call_headers(path);
    std::string out;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto stream = first + 2 * i;
        out += http2::frame(FrameType::headers, http2::end_headers, stream, headers) +
               http2::frame(FrameType::reset, 0, stream, std::string(4, '\x08'));
    }
    return out;
}

std::vector<Attack> attacks(const std::string& path) {
    const std::string zeros(16'384, '\0');
    // A header whose value is announced as 256 MiB and never ends.
    const auto endless =
        "\x83\x87\x04" + std::string("\x7f\x80\x80\x80\x80\x01", 6) + std::string(1000, 'a');
    return {
        {"rapid resets", rapid_resets(path, 1, 20'000), "", 0},
        {"endless header", http2::frame(FrameType::headers, 0, 1, endless),
         http2::frame(FrameType::continuation, 0, 1, std::string(16'384, 'a')), 128},
        {"empty continuations", http2::frame(FrameType::headers, 0, 1, "\x83"),
         http2::frame(FrameType::continuation, 0, 1, ""), 100'000},
        {"settings", "",
         http2::frame(FrameType::settings, 0, 0, std::string("\x00\x04\x00\x00\xff\xff", 6)),
         50'000},
        {"pings", "", http2::frame(FrameType::ping, 0, 0, "12345678"), 50'000},
        {"oversized frame", http2::frame_of(FrameType::data, 0, 1, zeros, 0xffffff), zeros, 100},
        {"data without a stream", http2::frame(FrameType::data, 0, 77, zeros), "", 0},
        {"half a frame", std::string("\x00\x40", 2), "", 0},
        {"unknown frames", "", http2::frame(FrameType{0x77}, 0xff, 3, zeros), 200},
    };
}

/// Everything the attack has, until the other end closes or takes no more.
void carry_out(const Attack& attack, std::uint16_t port, const node::TlsIdentity& identity) {
    TlsSocket socket(port, identity);
    if (!socket.is_open() || !socket.send(http2::preface() + attack.first)) {
        return;
    }
    std::string chunk;
    for (int i = 0; i < attack.times; ++i) {
        chunk += attack.repeated;
        if (chunk.size() > 100'000 || i + 1 == attack.times) {
            if (!socket.send(chunk)) {
                return;
            }
            chunk.clear();
        }
    }
    (void)socket.receive(200ms);
}

/// A field of /proc/PID/status in KiB.
long status_kib(pid_t pid, const std::string& field) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(field + ":")) {
            return std::stol(line.substr(field.size() + 1));
        }
    }
    return -1;
}

/// Ports a process listens on, from the sockets among its descriptors.
std::set<std::uint16_t> listening_ports(pid_t pid) {
    const auto process = "/proc/" + std::to_string(pid);
    std::set<std::string> sockets;
    for (const auto& entry : fs::directory_iterator(process + "/fd")) {
        std::error_code gone;
        const auto target = fs::read_symlink(entry.path(), gone).string();
        if (target.starts_with("socket:[")) {
            sockets.insert(target.substr(8, target.size() - 9));
        }
    }
    std::set<std::uint16_t> out;
    for (const auto* table : {"/net/tcp", "/net/tcp6"}) {
        std::ifstream in(process + table);
        for (std::string line; std::getline(in, line);) {
            std::istringstream words(line);
            std::vector<std::string> field{std::istream_iterator<std::string>(words), {}};
            constexpr std::size_t inode = 9;
            if (field.size() > inode && field[3] == "0A" && sockets.contains(field[inode])) {
                const auto& local = field[1];
                out.insert(static_cast<std::uint16_t>(
                    std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16)));
            }
        }
    }
    return out;
}

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
        for (const auto& attack : attacks(listener.path)) {
            CAPTURE(attack.name, listener.path);
            auto under_way = std::async(
                std::launch::async, [&] { carry_out(attack, listener.port, listener.identity); });
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
        for (const auto& attack : attacks(status_path)) {
            carry_out(attack, port, stranger);
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
