#include "node/tls/call_shares.h"

namespace remit::node {

CallShares::Entry CallShares::enter(const TransportPin& pin) {
    const std::lock_guard lock(mutex_);
    if (total_ >= total_max_) {
        return Entry::full;
    }
    auto& held = held_[pin];
    if (held >= share_max_) {
        return Entry::share_used_up;
    }
    ++held;
    ++total_;
    return Entry::taken;
}

void CallShares::leave(const TransportPin& pin) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(pin);
    if (found == held_.end()) {
        return;
    }
    --total_;
    if (--found->second == 0) {
        held_.erase(found);
    }
}

std::size_t CallShares::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

}  // namespace remit::node
