#include "node/final_feed.h"

namespace remit::node {

FinalFeed::FinalFeed(Listener listener)
    : listener_(std::move(listener)), thread_([this] { run(); }) {}

FinalFeed::~FinalFeed() {
    stop();
}

void FinalFeed::announce(consensus::Height height) {
    {
        const std::lock_guard lock(mutex_);
        announced_ = height;
        pending_ = true;
    }
    wake_.notify_one();
}

void FinalFeed::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void FinalFeed::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || pending_; });
        if (stopping_) {
            return;
        }
        pending_ = false;
        const auto height = announced_;
        lock.unlock();
        listener_(height);
        lock.lock();
    }
}

}  // namespace remit::node
