#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "node/tls/certificate.h"

namespace remit::node {

/// The time that reads take of the threads which answer calls, under the key of who asks. Reads
/// differ a thousandfold, so it is time that is shared and not their number: a key that has used up
/// its own is told to come back, and the threads are free for others. Thread-safe.
class ReadShares {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Span = std::chrono::microseconds;
    /// `each_second`: what one key may take of every second; it may save up for `saved_seconds`.
    explicit ReadShares(Span each_second) : each_second_(each_second) {}
    static constexpr int saved_seconds = 2;
    /// The time of half the processors, one at least.
    static Span usual(unsigned processors);

    /// Whether this key may read now; what the read took is told to `spend`.
    bool may_read(const TransportPin& key, Time now);
    void spend(const TransportPin& key, Span took, Time now);
    /// Keys that are not back at nothing spent, as far as was looked.
    [[nodiscard]] std::size_t keys() const;

private:
    struct Spent {
        Span time{0};
        Time at;
    };
    /// After what has come back since.
    Span spent_at(const Spent& spent, Time now) const;
    void forget_rested(Time now);

    Span each_second_;
    mutable std::mutex mutex_;
    std::map<TransportPin, Spent> spent_;
};

}  // namespace remit::node
