#include "node/tls/connection_book.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

namespace remit::node {

namespace {

/// Tables of the database (its max_open_files), its logs, connections to others, threads' events.
constexpr std::size_t own_descriptors = 704;
constexpr std::size_t connections_cap = 8192;
constexpr std::size_t unknown_cap = 1024;
/// Peers of a small network on one address must come back together, however low the limit.
constexpr std::size_t unknown_per_source_least = 16;
/// A validator needs two, and two more for each restart whose connections have not ended yet. With
/// enough descriptors 31 keys together hold not half of a listener.
constexpr std::size_t per_identity_least = 16;
constexpr std::size_t identities_to_fill = 64;
constexpr std::chrono::milliseconds pause_between_looks{20};

std::optional<std::uint64_t> inode_of(int socket) {
    struct stat facts{};
    if (::fstat(socket, &facts) != 0 || !S_ISSOCK(facts.st_mode)) {
        return std::nullopt;
    }
    return facts.st_ino;
}

/// gRPC sees its end and closes it.
void end(int socket) {
    (void)::shutdown(socket, SHUT_RDWR);
}

}  // namespace

ConnectionLimits ConnectionLimits::of(std::size_t descriptors,
                                      std::chrono::milliseconds handshake_max) {
    const auto own = std::min(own_descriptors, descriptors - descriptors / 4);
    ConnectionLimits out;
    out.connections_max = std::min(connections_cap, (descriptors - own) / 2);
    out.unknown_max = std::min(unknown_cap, out.connections_max / 2);
    out.unknown_per_source_max = std::max(unknown_per_source_least, out.unknown_max / 4);
    out.per_identity_max = std::max(per_identity_least, out.connections_max / identities_to_fill);
    out.young_for = handshake_max + std::chrono::seconds(1);
    return out;
}

bool ConnectionBook::has_room(Time now) {
    const auto has = [this] {
        return open_.size() < limits_.connections_max && unknown_.size() < limits_.unknown_max;
    };
    if (!has()) {
        forget_closed(now);
    }
    if (!has()) {
        end_silent(nullptr, now);  // of all connections it leaves only once gRPC has closed it
    }
    return has();
}

bool ConnectionBook::enter(int socket, const ConnectionOrigin& from, Time now) {
    const auto inode = inode_of(socket);
    if (!inode) {
        return false;
    }
    if (const auto before = open_.find(socket); before != open_.end()) {
        forget(before);  // must be closed: the number was free
    }
    const auto is_full = [&] {
        const auto found = unknown_of_.find(from.source);
        return found != unknown_of_.end() && found->second >= limits_.unknown_per_source_max;
    };
    if (is_full()) {
        forget_closed(now);
    }
    if (is_full() && !end_silent(&from.source, now)) {
        return false;
    }
    open_[socket] = {.inode = *inode, .from = from, .key = std::nullopt};
    at_[from.place] = socket;
    unknown_.push_back({.socket = socket, .source = from.source, .since = now});
    ++unknown_of_[from.source];
    return true;
}

bool ConnectionBook::identify(const std::string& place, const TransportPin& key) {
    const auto at = at_.find(place);
    if (at == at_.end()) {
        return true;
    }
    const auto socket = at->second;
    auto& connection = open_.at(socket);
    if (connection.key) {
        return connection.key == key;  // a connection has one certificate for ever
    }
    if (const auto held = held_by_.find(key);
        held != held_by_.end() && held->second >= limits_.per_identity_max) {
        forget_closed_of(key);
    }
    if (connection.unknown) {
        leave_unknown(socket);
        connection.unknown = false;
    }
    connection.key = key;
    if (++held_by_[key] > limits_.per_identity_max) {
        if (inode_of(socket) == connection.inode) {
            end(socket);
        }
        return false;
    }
    return true;
}

bool ConnectionBook::is_open(const Open::value_type& one) {
    return inode_of(one.first) == one.second.inode;
}

void ConnectionBook::forget_closed(Time now) {
    // A flood must not make us look at every socket for each of its own.
    if (now - looked_ < pause_between_looks) {
        return;
    }
    looked_ = now;
    for (auto at = open_.begin(); at != open_.end();) {
        at = is_open(*at) ? std::next(at) : forget(at);
    }
}

void ConnectionBook::forget_closed_of(const TransportPin& key) {
    for (auto at = open_.begin(); at != open_.end();) {
        at = at->second.key != key || is_open(*at) ? std::next(at) : forget(at);
    }
}

ConnectionBook::Open::iterator ConnectionBook::forget(Open::iterator at) {
    const auto& [socket, connection] = *at;
    if (connection.unknown) {
        leave_unknown(socket);
    }
    if (connection.key) {
        const auto held = held_by_.find(*connection.key);
        if (--held->second == 0) {
            held_by_.erase(held);
        }
    }
    if (const auto place = at_.find(connection.from.place);
        place != at_.end() && place->second == socket) {
        at_.erase(place);
    }
    return open_.erase(at);
}

void ConnectionBook::leave_unknown(int socket) {
    const auto at = std::find_if(unknown_.begin(), unknown_.end(),
                                 [socket](const Unknown& one) { return one.socket == socket; });
    const auto of = unknown_of_.find(at->source);
    if (--of->second == 0) {
        unknown_of_.erase(of);
    }
    unknown_.erase(at);
}

bool ConnectionBook::end_silent(const std::string* source, Time now) {
    const auto at = std::find_if(unknown_.begin(), unknown_.end(), [source](const Unknown& one) {
        return source == nullptr || one.source == *source;
    });
    if (at == unknown_.end() || now - at->since < limits_.young_for) {
        return false;
    }
    const auto socket = at->socket;
    auto& connection = open_.at(socket);
    // Its number may be another's by now, who must not be hit.
    if (inode_of(socket) == connection.inode) {
        end(socket);
    }
    leave_unknown(socket);
    connection.unknown = false;
    ++silent_ended_;
    return true;
}

}  // namespace remit::node
