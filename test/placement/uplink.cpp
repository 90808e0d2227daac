#include "test/placement/uplink.h"

#include <algorithm>
#include <cmath>

namespace remit::placement {

namespace {
constexpr std::size_t packet_bytes = 1500;
}  // namespace

Uplink::Time Uplink::takes(std::size_t bytes) const {
    return static_cast<Time>(std::llround(static_cast<double>(bytes) * 8 / mbit_));
}

Uplink::Time Uplink::leaves(std::size_t bytes, bool bulk, Time ready) {
    if (mbit_ <= 0) {
        return ready;
    }
    if (bulk) {
        bulk_free_ = std::max(bulk_free_, ready) + takes(bytes);
        return bulk_free_;
    }
    const bool shared = bulk_free_ > std::max(votes_free_, ready);
    votes_free_ = std::max(votes_free_, ready) + takes(bytes) + (shared ? takes(packet_bytes) : 0);
    if (shared) {
        bulk_free_ += takes(bytes);  // the packet that went before was its own
    } else {
        bulk_free_ = std::max(bulk_free_, votes_free_);
    }
    return votes_free_;
}

}  // namespace remit::placement
