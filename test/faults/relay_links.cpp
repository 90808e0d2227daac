#include "test/faults/relay_links.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>
#include <memory>
#include <stdexcept>

#include "test/faults/peer_address.h"
#include "test/support/node/free_port.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int turn_ms = 10;
constexpr std::size_t held_max = 1U << 20U;
constexpr auto repetition = 250ms;  // about what TCP waits before it sends again

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

/// Both ends of a relayed connection; closed when the pumps of both directions have ended.
struct Connection {
    int one = -1;
    int other = -1;
    ~Connection() {
        ::close(one);
        ::close(other);
    }
};

bool write_all(int target, const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto sent = ::send(target, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += static_cast<std::size_t>(sent);
    }
    return true;
}

}  // namespace

RelayLinks::RelayLinks(const Devnet& devnet, std::uint64_t seed)
    : paths_(devnet.size(), std::vector<PathState>(devnet.size())), random_(seed) {
    for (std::size_t from = 0; from < devnet.size(); ++from) {
        for (std::size_t to = 0; to < devnet.size(); ++to) {
            if (from == to) {
                continue;
            }
            const auto port = node::free_ports(1).front();
            const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const int yes = 1;
            ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
            const auto address = loopback(port);
            if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
                    0 ||
                ::listen(listener, 16) != 0) {
                throw std::runtime_error("relay: port " + std::to_string(port) + " is taken");
            }
            set_peer_address(devnet, from, to, "127.0.0.1", port);
            launch(std::thread([this, listener, from, to, target = devnet.peer_port(to)] {
                accept_all(listener, {from, to}, target);
            }));
        }
    }
}

RelayLinks::~RelayLinks() {
    stopping_ = true;
    // No thread starts another once all that accept have ended.
    for (std::size_t i = 0;; ++i) {
        std::thread next;
        {
            const std::lock_guard lock(mutex_);
            if (i >= threads_.size()) {
                return;
            }
            next = std::move(threads_[i]);
        }
        next.join();
    }
}

void RelayLinks::launch(std::thread thread) {
    const std::lock_guard lock(mutex_);
    threads_.push_back(std::move(thread));
}

void RelayLinks::set(std::size_t from, std::size_t to, const PathState& state) {
    const std::lock_guard lock(mutex_);
    paths_.at(from).at(to) = state;
}

PathState RelayLinks::state_of(Ends ends) {
    const std::lock_guard lock(mutex_);
    return paths_[ends.from][ends.to];
}

unsigned RelayLinks::draw(unsigned count) {
    const std::lock_guard lock(mutex_);
    return static_cast<unsigned>(random_() % count);
}

void RelayLinks::accept_all(int listener, Ends ends, std::uint16_t port) {
    while (!stopping_) {
        pollfd ready{.fd = listener, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 10 * turn_ms) <= 0) {
            continue;
        }
        auto both = std::make_shared<Connection>();
        both->one = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        both->other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = loopback(port);
        if (both->one < 0 || ::connect(both->other, reinterpret_cast<const sockaddr*>(&address),
                                       sizeof(address)) != 0) {
            continue;  // closes it: the node behind is away
        }
        for (const int socket : {both->one, both->other}) {
            const int yes = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        }
        launch(std::thread([this, both, ends] { carry(both->one, both->other, ends); }));
        launch(std::thread(
            [this, both, ends] { carry(both->other, both->one, {ends.to, ends.from}); }));
    }
    ::close(listener);
}

void RelayLinks::carry(int source, int target, Ends ends) {
    struct Piece {
        Clock::time_point due;
        std::string bytes;
    };
    std::deque<Piece> held;
    std::size_t held_bytes = 0;
    Clock::time_point last_due;
    bool open = true;
    while (!stopping_ && open) {
        const auto state = state_of(ends);
        pollfd ready{.fd = source, .events = POLLIN, .revents = 0};
        if (held_bytes < held_max && ::poll(&ready, 1, held.empty() ? turn_ms : 1) > 0) {
            std::string bytes(65'536, '\0');
            const auto got = ::recv(source, bytes.data(), bytes.size(), 0);
            if (got <= 0) {
                break;
            }
            bytes.resize(static_cast<std::size_t>(got));
            if (state.damage_percent > 0 && draw(100) < state.damage_percent) {
                const auto at = draw(static_cast<unsigned>(bytes.size()));
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << draw(8)));
            }
            auto due = Clock::now() + state.delay;
            if (state.jitter.count() > 0) {
                due += std::chrono::milliseconds(draw(static_cast<unsigned>(state.jitter.count())));
            }
            if (draw(100) < state.loss_percent) {
                due += repetition;
            }
            last_due = std::max(last_due, due);
            held_bytes += bytes.size();
            held.push_back({last_due, std::move(bytes)});
        } else if (held_bytes >= held_max || state.cut) {
            std::this_thread::sleep_for(1ms * turn_ms);
        }
        while (open && !state.cut && !held.empty() && held.front().due <= Clock::now()) {
            open = write_all(target, held.front().bytes);
            held_bytes -= held.front().bytes.size();
            held.pop_front();
        }
    }
    ::shutdown(source, SHUT_RDWR);
    ::shutdown(target, SHUT_RDWR);
}

}  // namespace remit::test
