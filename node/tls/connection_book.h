#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace remit::node {

/// How many connections a listener may have open.
struct ConnectionLimits {
    std::size_t connections_max = 0;
    /// Of these, so many that are young: who is behind them may not be known yet.
    std::size_t young_max = 0;
    std::size_t young_per_source_max = 0;
    /// A connection that is open for longer has shown a listed certificate: the deadline of the
    /// handshake, and something on top.
    std::chrono::milliseconds young_for{0};

    /// What one of two listeners of a process with so many descriptors may have, after what the
    /// process needs for its own files and connections is set aside.
    static ConnectionLimits of(std::size_t descriptors, std::chrono::milliseconds handshake_max);
};

/// Which of the connections handed to gRPC are still open. gRPC closes them itself and tells
/// nobody, so each is known by its descriptor and the socket's inode. One thread.
class ConnectionBook {
public:
    using Time = std::chrono::steady_clock::time_point;
    explicit ConnectionBook(ConnectionLimits limits) : limits_(limits) {}

    /// Whether one more connection may be taken now, whoever it is from.
    bool has_room(Time now);
    /// Enters an open socket from `source`. False when that source has its share of young ones:
    /// the socket is not entered, the caller closes it.
    bool enter(int socket, const std::string& source, Time now);
    [[nodiscard]] std::size_t young_count() const { return young_.size(); }

private:
    struct Young {
        int socket;
        std::uint64_t inode;
        std::string source;
        Time since;
    };
    void forget_closed(Time now);
    void forget_grown(Time now);
    void leave(const Young& young);

    ConnectionLimits limits_;
    Time looked_;
    std::map<int, std::uint64_t> open_;  // socket -> inode
    std::deque<Young> young_;            // oldest first
    std::map<std::string, std::size_t> young_of_;
};

}  // namespace remit::node
