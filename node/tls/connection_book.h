#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "node/tls/certificate.h"

namespace remit::node {

/// How many connections a listener may have open.
struct ConnectionLimits {
    std::size_t connections_max = 0;
    /// Of these, so many that have made no call yet: who is behind them is not known.
    std::size_t unknown_max = 0;
    std::size_t unknown_per_source_max = 0;
    /// Of one key, once its first call has shown it.
    std::size_t per_identity_max = 0;
    /// A connection that is open for longer has shown a listed certificate: the deadline of the
    /// handshake, and something on top. Whose it was, only a call says: until there is one, it
    /// makes way for others.
    std::chrono::milliseconds young_for{0};

    /// What one of two listeners of a process with so many descriptors may have, after what the
    /// process needs for its own files and connections is set aside.
    static ConnectionLimits of(std::size_t descriptors, std::chrono::milliseconds handshake_max);
};

/// Where a connection comes from.
struct ConnectionOrigin {
    std::string source;  ///< what one party has to itself: an address, a network of IPv6
    std::string place;   ///< address and port: no two open connections have the same
};

/// Which of the connections handed to gRPC are still open, and whose they are. gRPC closes them
/// itself and tells nobody, so each is known by its descriptor and the socket's inode. One thread
/// at a time.
class ConnectionBook {
public:
    using Time = std::chrono::steady_clock::time_point;
    explicit ConnectionBook(ConnectionLimits limits) : limits_(limits) {}

    /// Whether one more connection may be taken now, whoever it is from. One that has said nothing
    /// for long is ended to make room.
    bool has_room(Time now);
    /// Enters an open socket. False when its source has its share of unknown ones: the socket is
    /// not entered, the caller closes it.
    bool enter(int socket, const ConnectionOrigin& from, Time now);
    /// The key behind a connection, which a call has shown. False when that key has its share: the
    /// connection has been ended. One that is not in the book is somebody's who is gone.
    bool identify(const std::string& place, const TransportPin& key);

    [[nodiscard]] std::size_t unknown_count() const { return unknown_.size(); }
    /// Connections ended since the start because they made no call and others came.
    [[nodiscard]] std::uint64_t silent_ended() const { return silent_ended_; }

private:
    struct Connection {
        std::uint64_t inode;
        ConnectionOrigin from;
        std::optional<TransportPin> key;
        bool unknown = true;  // one of `unknown_`
    };
    struct Unknown {
        int socket;
        std::string source;
        Time since;
    };
    using Open = std::map<int, Connection>;

    [[nodiscard]] static bool is_open(const Open::value_type& one);
    void forget_closed(Time now);
    void forget_closed_of(const TransportPin& key);
    Open::iterator forget(Open::iterator at);
    /// No longer one of the unknown.
    void leave_unknown(int socket);
    /// Ends the connection that says nothing for longest, of `source` if one is named. False when
    /// all may still be in their handshakes.
    bool end_silent(const std::string* source, Time now);

    ConnectionLimits limits_;
    Time looked_;
    Open open_;  // by socket
    std::map<std::string, int> at_;
    std::deque<Unknown> unknown_;  // oldest first
    std::map<std::string, std::size_t> unknown_of_;
    std::map<TransportPin, std::size_t> held_by_;
    std::uint64_t silent_ended_ = 0;
};

}  // namespace remit::node
