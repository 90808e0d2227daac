#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "consensus/types.h"

namespace remit::node {

/// Tells of final heights on a thread of its own, so that what reads blocks for members and
/// metrics never holds up the reactor. Heights between two looks are told once, as the newest.
class FinalFeed {
public:
    using Listener = std::function<void(consensus::Height height)>;

    explicit FinalFeed(Listener listener);
    ~FinalFeed();
    FinalFeed(const FinalFeed&) = delete;
    FinalFeed& operator=(const FinalFeed&) = delete;

    /// Any thread; never blocks.
    void announce(consensus::Height height);
    void stop();

private:
    void run();

    Listener listener_;
    std::mutex mutex_;
    std::condition_variable wake_;
    consensus::Height announced_ = 0;
    bool pending_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace remit::node
