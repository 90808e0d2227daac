#include "node/tls/connection_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

#include "node/ops/descriptor_limit.h"
#include "node/ops/log.h"

namespace remit::node {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_between_tries{50};
constexpr std::chrono::seconds pause_between_messages{60};
/// Numbers at the end of the process's range that are for its files, never for a connection.
constexpr std::size_t descriptors_kept = 32;
constexpr int turn_max = 64;

std::string text_of(int error) {
    return std::generic_category().message(error);
}

void set_option(int socket, int level, int option, int value) {
    (void)::setsockopt(socket, level, option, &value, sizeof(value));
}

/// The address without its port; of IPv6 the network of 64 bits that one party has to itself.
std::string source_of(const sockaddr_storage& address) {
    constexpr std::size_t network_bytes = 8;
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &address, sizeof(six));
        const auto* bytes = reinterpret_cast<const char*>(&six.sin6_addr);
        return IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) ? std::string(bytes + 12, 4)
                                                    : std::string(bytes, network_bytes);
    }
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof(four));
    return {reinterpret_cast<const char*>(&four.sin_addr), sizeof(four.sin_addr)};
}

/// `10.0.0.2:40001` or `[fe80::1]:40001`; an IPv4 address in IPv6's clothes is IPv4, as gRPC has
/// it.
std::string place_of(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family != AF_INET6) {
        sockaddr_in four{};
        std::memcpy(&four, &address, sizeof(four));
        ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
        return std::string(text.data()) + ":" + std::to_string(ntohs(four.sin_port));
    }
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof(six));
    const auto port = ":" + std::to_string(ntohs(six.sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
        ::inet_ntop(AF_INET, reinterpret_cast<const char*>(&six.sin6_addr) + 12, text.data(),
                    text.size());
        return text.data() + port;
    }
    ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]" + port;
}

/// The same of what gRPC calls a peer: `ipv6:%5Bfe80::1%252%5D:40001`, with or without the escapes.
std::string place_of(std::string_view peer) {
    const auto colon = peer.find(':');
    std::string out;
    bool zone = false;
    for (auto i = colon == std::string_view::npos ? 0 : colon + 1; i < peer.size(); ++i) {
        auto next = peer[i];
        if (next == '%' && i + 2 < peer.size() && peer[i + 1] == '5') {
            next = peer[i + 2] == 'B' || peer[i + 2] == 'b' ? '[' : ']';
            i += 2;
        }
        zone = next != ']' && (zone || next == '%');
        if (!zone) {
            out += next;
        }
    }
    return out;
}

/// Whether the lowest free number, which the next connection would get, is one for connections.
bool descriptors_left(int any) {
    const int next = ::fcntl(any, F_DUPFD_CLOEXEC, 0);
    if (next < 0) {
        return false;
    }
    ::close(next);
    return static_cast<std::size_t>(next) + descriptors_kept < descriptor_limit();
}

/// Ends the connection with a reset, which leaves nothing behind here.
void refuse(int socket) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    ::close(socket);
}

/// A listening socket at the address; -1, and errno says why, when it cannot be had.
int listen_at(const addrinfo& at) {
    const int out = ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (out < 0) {
        return -1;
    }
    set_option(out, SOL_SOCKET, SO_REUSEADDR, 1);
    if (at.ai_family == AF_INET6) {
        const auto& address = *reinterpret_cast<const sockaddr_in6*>(at.ai_addr);
        set_option(out, IPPROTO_IPV6, IPV6_V6ONLY,
                   IN6_IS_ADDR_UNSPECIFIED(&address.sin6_addr) ? 0 : 1);
    }
    if (::bind(out, at.ai_addr, at.ai_addrlen) != 0 || ::listen(out, SOMAXCONN) != 0) {
        const int error = errno;
        ::close(out);
        errno = error;
        return -1;
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<ConnectionListener>, Failure> ConnectionListener::open(Settings settings) {
    std::unique_ptr<ConnectionListener> out(new ConnectionListener(std::move(settings)));
    TRY(out->bind_all());
    return out;
}

ConnectionListener::ConnectionListener(Settings settings)
    : settings_(std::move(settings)),
      book_(settings_.limits),
      told_wait_(Clock::now() - pause_between_messages),
      told_share_(told_wait_) {
    if (settings_.metrics != nullptr) {
        const Labels labels{{"listener", settings_.name}};
        accepted_ = settings_.metrics->counter("remit_connections_accepted_total",
                                               "Connections handed to TLS.", labels);
        refused_ = settings_.metrics->counter(
            "remit_connections_refused_total",
            "Connections closed at once: too many unknown ones from one address.", labels);
        pauses_ = settings_.metrics->counter(
            "remit_accept_pauses_total",
            "Times a listener let connections wait: too many, or no descriptors.", labels);
        const auto ended = [&](const char* reason) {
            return settings_.metrics->counter(
                "remit_connections_ended_total",
                "Connections ended here: over the share of their key, or silent while others came.",
                {{"listener", settings_.name}, {"reason", reason}});
        };
        silent_ended_ = ended("silent");
        over_share_ = ended("share");
    }
}

ConnectionListener::~ConnectionListener() {
    stop();
}

Status<Failure> ConnectionListener::bind_all() {
    const auto refuse_with = [this](const std::string& reason) -> Status<Failure> {
        return fail_with(
            ExitCode::bad_configuration,
            settings_.name + ": cannot listen on " + settings_.listen.text() + ": " + reason,
            "stop the other program or choose another address");
    };
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_ < 0) {
        return refuse_with(text_of(errno));
    }
    auto host = settings_.listen.host;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    addrinfo wanted{};
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    const int unknown =
        ::getaddrinfo(host.c_str(), std::to_string(settings_.listen.port).c_str(), &wanted, &first);
    if (unknown != 0) {
        return refuse_with(::gai_strerror(unknown));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(first, ::freeaddrinfo);
    std::set<std::string> taken;  // a name may stand for the same address twice
    for (const auto* at = first; at != nullptr; at = at->ai_next) {
        if (!taken.emplace(reinterpret_cast<const char*>(at->ai_addr), at->ai_addrlen).second) {
            continue;
        }
        const int socket = listen_at(*at);
        const int error = errno;
        if (socket >= 0) {
            listening_.push_back(socket);
        } else if (error != EAFNOSUPPORT && error != EADDRNOTAVAIL) {
            return refuse_with(text_of(error));
        }
    }
    return listening_.empty() ? refuse_with(text_of(EADDRNOTAVAIL)) : Status<Failure>();
}

void ConnectionListener::start(Handler handler) {
    handler_ = std::move(handler);
    thread_ = std::thread([this] { run(); });
}

void ConnectionListener::stop() {
    stopping_ = true;
    if (thread_.joinable()) {
        const std::uint64_t one = 1;
        (void)!::write(wake_, &one, sizeof(one));
        thread_.join();
    }
    for (const int socket : listening_) {
        ::close(socket);
    }
    listening_.clear();
    if (wake_ >= 0) {
        ::close(wake_);
        wake_ = -1;
    }
}

/// True when connections may wait; false after the limit or when it is time to stop.
bool ConnectionListener::wait_for(std::chrono::milliseconds limit, bool for_connections) {
    std::vector<pollfd> wanted{{.fd = wake_, .events = POLLIN, .revents = 0}};
    if (for_connections) {
        for (const int socket : listening_) {
            wanted.push_back({.fd = socket, .events = POLLIN, .revents = 0});
        }
    }
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(limit.count()));
    return ready > 0 && wanted.front().revents == 0;
}

void ConnectionListener::run() {
    while (!stopping_) {
        constexpr std::chrono::milliseconds forever{-1};
        if (!wait_for(forever, true)) {
            continue;
        }
        for (const int socket : listening_) {
            accept_all(socket);
        }
    }
}

void ConnectionListener::accept_all(int listening) {
    for (int i = 0; i < turn_max && !stopping_; ++i) {
        if (!has_room()) {
            pause("too many connections");
            return;
        }
        if (!descriptors_left(wake_)) {
            pause("descriptors are short");
            return;
        }
        const int socket = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            take(socket);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause(text_of(errno));
            return;
        }
        // Everything else is about that one connection, which is gone: accept(2).
    }
}

void ConnectionListener::take(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        ::close(socket);  // gone already
        return;
    }
    if (!enter(socket, {.source = source_of(address), .place = place_of(address)})) {
        refuse(socket);
        if (refused_) {
            refused_->add();
        }
        return;
    }
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    if (settings_.silence_max.count() > 0) {
        set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
                   static_cast<int>(settings_.silence_max.count()));
    }
    if (accepted_) {
        accepted_->add();
    }
    handler_(socket);
}

void ConnectionListener::pause(const std::string& reason) {
    if (pauses_) {
        pauses_->add();
    }
    if (is_due(told_wait_)) {
        log_warning("connections_wait", {{"listener", settings_.name}, {"reason", reason}});
    }
    (void)wait_for(pause_between_tries, false);
}

bool ConnectionListener::is_due(Clock::time_point& told) {
    const auto now = Clock::now();
    const bool due = now - told >= pause_between_messages;
    told = due ? now : told;
    return due;
}

bool ConnectionListener::has_room() {
    const std::lock_guard lock(mutex_);
    const bool out = book_.has_room(Clock::now());
    count_ended();
    return out;
}

bool ConnectionListener::enter(int socket, const ConnectionOrigin& from) {
    const std::lock_guard lock(mutex_);
    const bool out = book_.enter(socket, from, Clock::now());
    count_ended();
    return out;
}

void ConnectionListener::count_ended() {
    const auto ended = book_.silent_ended();
    if (silent_ended_ && ended != counted_ended_) {
        silent_ended_->add(static_cast<double>(ended - counted_ended_));
    }
    counted_ended_ = ended;
}

bool ConnectionListener::identify(std::string_view peer, const TransportPin& key) {
    const auto place = place_of(peer);
    const std::lock_guard lock(mutex_);
    if (book_.identify(place, key)) {
        return true;
    }
    if (over_share_) {
        over_share_->add();
    }
    if (is_due(told_share_)) {
        log_warning("connections_share_used", {{"listener", settings_.name}, {"pin", key.hex()}});
    }
    return false;
}

}  // namespace remit::node
