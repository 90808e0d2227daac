#pragma once

#include <cstddef>
#include <cstdint>

namespace remit::placement {

/// What a validator can send in all. Every message takes its time on the line. Votes do not queue
/// behind bulk data, which has connections of its own; but the line takes turns between connections
/// that have something to send, so that while bulk data is under way a packet of it goes before
/// each vote. Headers of TLS, HTTP/2 and TCP are not counted.
class Uplink {
public:
    using Time = std::int64_t;  // microseconds
    /// `mbit` a second; 0: no limit.
    explicit Uplink(double mbit) : mbit_(mbit) {}

    /// When the last bit of a message that is ready at `ready` has left. Of one channel in the
    /// order of the calls.
    Time leaves(std::size_t bytes, bool bulk, Time ready);

private:
    [[nodiscard]] Time takes(std::size_t bytes) const;

    double mbit_;
    Time votes_free_ = 0;
    Time bulk_free_ = 0;
};

}  // namespace remit::placement
