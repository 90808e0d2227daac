#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace remit::node {

/// One thread that does what it is given, in order. The destructor waits until all is done.
class Worker {
public:
    Worker();
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void post(std::function<void()> work);
    /// Ends behind the work being done; the rest and what is posted later is dropped.
    void stop();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool closing_ = false;  // no more comes
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace remit::node
