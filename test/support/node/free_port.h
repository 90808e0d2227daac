#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

namespace remit::node {

/// Ports of 127.0.0.1 that nobody listened on a moment ago. They lie below the ports the system
/// hands to outgoing connections, so that none of those can take one meanwhile.
inline std::vector<std::uint16_t> free_ports(std::size_t count) {
    constexpr int first = 12'000;
    constexpr int range = 18'000;
    // Processes started one after the other begin far apart.
    constexpr long stride = 397;
    static int next = static_cast<int>(::getpid() * stride % range);
    std::vector<std::uint16_t> out;
    while (out.size() < count) {
        next = (next + 1) % range;
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(first + next));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
            out.push_back(static_cast<std::uint16_t>(first + next));
        }
        ::close(socket);
    }
    return out;
}

/// A port of 127.0.0.1 that somebody listens on as long as this lives.
class TakenPort {
public:
    TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* any = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof(address);
        if (::bind(socket_, any, size) == 0 && ::listen(socket_, 1) == 0 &&
            ::getsockname(socket_, any, &size) == 0) {
            number_ = ntohs(address.sin_port);
        }
    }
    ~TakenPort() { ::close(socket_); }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;
    /// 0 when there was none to take.
    [[nodiscard]] std::uint16_t number() const { return number_; }

private:
    int socket_;
    std::uint16_t number_ = 0;
};

}  // namespace remit::node
