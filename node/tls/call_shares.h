#pragma once

#include <map>
#include <mutex>

#include "node/tls/certificate.h"

namespace remit::node {

/// Calls in flight, each under the key of who made it. One key holds at most its share, so that
/// nobody alone can keep everybody else out. Thread-safe.
class CallShares {
public:
    /// Errors of `enter` beyond `total_max` of all, or `share_max` of one key.
    CallShares(std::size_t total_max, std::size_t share_max)
        : total_max_(total_max), share_max_(share_max) {}

    enum class Entry { taken, full, share_used_up };
    /// `taken` has to be followed by `leave` once the call has ended.
    Entry enter(const TransportPin& pin);
    void leave(const TransportPin& pin);
    [[nodiscard]] std::size_t total() const;

private:
    std::size_t total_max_;
    std::size_t share_max_;
    mutable std::mutex mutex_;
    std::size_t total_ = 0;
    std::map<TransportPin, std::size_t> held_;
};

}  // namespace remit::node
