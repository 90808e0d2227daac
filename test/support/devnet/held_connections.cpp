#include "test/support/devnet/held_connections.h"

#include <algorithm>

#include "test/support/devnet/http2_frames.h"

using namespace std::chrono_literals;

namespace remit::test {

namespace {

constexpr std::size_t head_bytes = 9;
constexpr std::size_t ping_bytes = 8;

/// Acknowledges every ping among the frames that have come.
void acknowledge(TlsSocket& socket, const std::string& came) {
    const auto byte = [&came](std::size_t at) {
        return std::size_t{static_cast<unsigned char>(came[at])};
    };
    for (std::size_t at = 0; at + head_bytes <= came.size();) {
        const auto size = (byte(at) << 16U) + (byte(at + 1) << 8U) + byte(at + 2);
        const bool is_ping = byte(at + 3) == static_cast<std::size_t>(http2::FrameType::ping);
        if (is_ping && byte(at + 4) == 0 && at + head_bytes + ping_bytes <= came.size()) {
            socket.send(http2::frame(http2::FrameType::ping, 1, 0,
                                     came.substr(at + head_bytes, ping_bytes)));
        }
        at += head_bytes + size;
    }
}

}  // namespace

HeldConnections::HeldConnections(std::uint16_t port, const node::TlsIdentity& identity,
                                 std::string first)
    : port_(port), identity_(identity), first_(http2::preface() + std::move(first)) {
    thread_ = std::thread([this] { answer_pings(); });
}

HeldConnections::~HeldConnections() {
    stopping_ = true;
    thread_.join();
}

void HeldConnections::add(int count) {
    for (int i = 0; i < count; ++i) {
        auto socket = std::make_unique<TlsSocket>(port_, identity_);
        socket->send(first_);
        const std::lock_guard lock(mutex_);
        sockets_.push_back(std::move(socket));
    }
}

int HeldConnections::open() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count_if(sockets_.begin(), sockets_.end(),
                                          [](const auto& each) { return each->is_open(); }));
}

void HeldConnections::answer_pings() {
    while (!stopping_) {
        {
            const std::lock_guard lock(mutex_);
            for (const auto& socket : sockets_) {
                if (socket->is_open()) {
                    acknowledge(*socket, socket->receive(1ms));
                }
            }
        }
        std::this_thread::sleep_for(100ms);
    }
}

}  // namespace remit::test
