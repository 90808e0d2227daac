#include "node/replica/executors.h"

namespace remit::node {

namespace {
constexpr std::size_t prefetch_queue_max = 1024;  // batches; more wait for execution to check them
}

ThreadedExecutor::ThreadedExecutor(Execution& execution)
    : execution_(execution), thread_([this] { run(); }) {}

ThreadedExecutor::~ThreadedExecutor() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void ThreadedExecutor::set_sink(Sink sink) {
    const std::lock_guard lock(mutex_);
    sink_ = std::move(sink);
}

void ThreadedExecutor::execute(std::shared_ptr<const consensus::Commit> commit) {
    add(std::move(commit));
}

void ThreadedExecutor::speculate(std::shared_ptr<const consensus::NotarizedBlock> block) {
    add(std::move(block));
}

void ThreadedExecutor::add(Task task) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(task));
    }
    wake_.notify_one();
}

std::optional<ExecutedBlock> ThreadedExecutor::perform(const Task& task) {
    if (const auto* notarized = std::get_if<1>(&task)) {
        return execution_.speculate(**notarized);
    }
    return execution_.execute(*std::get<0>(task));
}

std::size_t ThreadedExecutor::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void ThreadedExecutor::run() {
    bool broken = false;
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) {
            return;
        }
        const auto task = std::move(queue_.front());
        queue_.pop_front();
        if (broken) {
            continue;
        }
        lock.unlock();
        if (auto block = perform(task)) {
            broken = block->breach.has_value();
            sink_(std::move(*block));
        }
        lock.lock();
    }
}

VerificationPool::VerificationPool(ItemChecker& checker, std::size_t threads) : checker_(checker) {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

VerificationPool::~VerificationPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

void VerificationPool::prefetch(const consensus::BatchHandle& batch) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= prefetch_queue_max) {
            return;
        }
        queue_.push_back(batch);
    }
    wake_.notify_one();
}

void VerificationPool::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) {
            return;
        }
        const auto batch = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        for (const auto& item : batch->items) {
            checker_.check(item);
        }
        lock.lock();
    }
}

}  // namespace remit::node
