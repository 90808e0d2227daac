#include "node/signer/descriptor.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace remit::node::signer {

namespace {

std::string reason_of(int code) {
    return std::error_code(code, std::generic_category()).message();
}

/// Calls `use` with the address of a new socket.
template <class Use>
Result<Descriptor, std::string> with_socket(const std::string& path, Use use) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return fail("a socket's path has 1 to 107 characters: " + path);
    }
    path.copy(address.sun_path, path.size());
    Descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* place = reinterpret_cast<const sockaddr*>(&address);  // NOLINT
    if (!out.is_open() || use(out.get(), place, sizeof address) != 0) {
        return fail(path + ": " + reason_of(errno));
    }
    return out;
}

}  // namespace

void Descriptor::close() {
    if (value_ >= 0) {
        ::close(std::exchange(value_, -1));
    }
}

bool send_all(int socket, ByteView bytes, int wait_ms) {
    while (!bytes.empty()) {
        const auto put = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(put));
            continue;
        }
        pollfd wait{.fd = socket, .events = POLLOUT, .revents = 0};
        if ((errno != EAGAIN && errno != EINTR) || ::poll(&wait, 1, wait_ms) <= 0) {
            return false;
        }
    }
    return true;
}

Result<Descriptor, std::string> connect_to(const std::string& path) {
    return with_socket(path, ::connect);
}

Result<Descriptor, std::string> listen_at(const std::string& path, unsigned mode) {
    return with_socket(path, [&](int socket, const sockaddr* place, socklen_t size) {
        constexpr int backlog = 4;
        const auto before = ::umask(static_cast<mode_t>(~mode & 0777U));
        const bool bound = ::bind(socket, place, size) == 0;
        ::umask(before);
        return bound ? ::listen(socket, backlog) : -1;
    });
}

}  // namespace remit::node::signer
