#include "test/support/devnet/silent_connections.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

namespace remit::test {

SilentConnections::SilentConnections(std::uint16_t port, int count) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    for (int i = 0; i < count; ++i) {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
            sockets_.push_back(socket);
        } else {
            ::close(socket);
        }
    }
}

SilentConnections::~SilentConnections() {
    for (const int socket : sockets_) {
        ::close(socket);
    }
}

int SilentConnections::ended() const {
    int out = 0;
    for (const int socket : sockets_) {
        char byte = 0;
        const auto got = ::recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
        out += got == 0 || (got < 0 && errno != EAGAIN) ? 1 : 0;
    }
    return out;
}

}  // namespace remit::test
