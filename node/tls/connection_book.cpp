#include "node/tls/connection_book.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace remit::node {

namespace {

/// Tables of the database (its max_open_files), its logs, connections to others, threads' events.
constexpr std::size_t own_descriptors = 704;
constexpr std::size_t connections_cap = 8192;
constexpr std::size_t young_cap = 1024;
/// Peers of a small network on one address must come back together, however low the limit.
constexpr std::size_t young_per_source_least = 16;
constexpr std::chrono::milliseconds pause_between_looks{20};

std::optional<std::uint64_t> inode_of(int socket) {
    struct stat facts{};
    if (::fstat(socket, &facts) != 0 || !S_ISSOCK(facts.st_mode)) {
        return std::nullopt;
    }
    return facts.st_ino;
}

}  // namespace

ConnectionLimits ConnectionLimits::of(std::size_t descriptors,
                                      std::chrono::milliseconds handshake_max) {
    const auto own = std::min(own_descriptors, descriptors - descriptors / 4);
    ConnectionLimits out;
    out.connections_max = std::min(connections_cap, (descriptors - own) / 2);
    out.young_max = std::min(young_cap, out.connections_max / 2);
    out.young_per_source_max = std::max(young_per_source_least, out.young_max / 4);
    out.young_for = handshake_max + std::chrono::seconds(1);
    return out;
}

bool ConnectionBook::has_room(Time now) {
    forget_grown(now);
    if (open_.size() < limits_.connections_max && young_.size() < limits_.young_max) {
        return true;
    }
    forget_closed(now);
    return open_.size() < limits_.connections_max && young_.size() < limits_.young_max;
}

bool ConnectionBook::enter(int socket, const std::string& source, Time now) {
    const auto inode = inode_of(socket);
    if (!inode) {
        return false;
    }
    if (young_of_[source] >= limits_.young_per_source_max) {
        forget_closed(now);
        if (young_of_[source] >= limits_.young_per_source_max) {
            return false;
        }
    }
    open_[socket] = *inode;  // in place of one that must be closed: the number was free
    young_.push_back({.socket = socket, .inode = *inode, .source = source, .since = now});
    ++young_of_[source];
    return true;
}

void ConnectionBook::forget_closed(Time now) {
    // A flood must not make us look at every socket for each of its own.
    if (now - looked_ < pause_between_looks) {
        return;
    }
    looked_ = now;
    std::erase_if(open_, [](const auto& one) { return inode_of(one.first) != one.second; });
    std::deque<Young> still;
    for (auto& young : young_) {
        const auto at = open_.find(young.socket);
        if (at != open_.end() && at->second == young.inode) {
            still.push_back(std::move(young));
        } else {
            leave(young);
        }
    }
    young_ = std::move(still);
}

void ConnectionBook::forget_grown(Time now) {
    while (!young_.empty() && now - young_.front().since >= limits_.young_for) {
        leave(young_.front());
        young_.pop_front();
    }
}

void ConnectionBook::leave(const Young& young) {
    const auto at = young_of_.find(young.source);
    if (at != young_of_.end() && --at->second == 0) {
        young_of_.erase(at);
    }
}

}  // namespace remit::node
