#include <cstdlib>

#include "node/node.h"
#include "node/ops/log.h"
#include "node/seams/disk_full.h"

/// What the node looks at now and then: of the thread that calls `refresh`.
namespace remit::node {

void Node::refresh() {
    api_->set_serving(ready());
    check_disk();
    check_clock();
}

void Node::check_disk() {
    if (auto shortage = reserve_.shortage()) {
        log_error("disk_full", {{"code", disk_full_code},
                                {"free_bytes", reserve_.free_bytes()},
                                {"stop_bytes", reserve_.marks().stop},
                                {"now", "the node stops while there is room to do it"}});
        const std::lock_guard lock(mutex_);
        fatal_ = std::move(shortage);
    }
}

/// Blocks have the time of their leader: one whose clock is a second ahead proposes in vain, and
/// one that is behind leaves it to the others to move time.
void Node::check_clock() {
    const auto skew_ms = network_->clock_skew_ms();
    if (!skew_ms) {
        return;
    }
    constexpr std::int64_t alarm_ms = 500;
    const auto off_ms = std::abs(*skew_ms);
    if (off_ms > alarm_ms && !clock_told_) {
        clock_told_ = true;
        log_warning("clock_skew",
                    {{"ahead_ms", *skew_ms},
                     {"reason", "this machine's clock differs from the other validators'"},
                     {"remedy",
                      "let it follow a time server (chrony, NTP); nothing is to be "
                      "restarted"}});
    } else if (off_ms <= alarm_ms / 2) {
        clock_told_ = false;
    }
}

}  // namespace remit::node
