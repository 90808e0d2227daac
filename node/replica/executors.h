#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "node/replica/execution.h"

namespace remit::node {

/// Executes in place: the simulator's, and tests'.
class InlineExecutor final : public Executor {
public:
    explicit InlineExecutor(Execution& execution) : execution_(execution) {}
    void set_sink(Sink sink) override { sink_ = std::move(sink); }
    void execute(std::shared_ptr<const consensus::Commit> commit) override {
        sink_(execution_.execute(*commit));
    }
    void speculate(std::shared_ptr<const consensus::NotarizedBlock> block) override {
        if (auto executed = execution_.speculate(*block)) {
            sink_(std::move(*executed));
        }
    }

private:
    Execution& execution_;
    Sink sink_;
};

/// Executes on a thread of its own; the sink is called there and must bring the result to the
/// reactor. The destructor ends after the block being executed; blocks still queued are executed
/// again after the next start.
class ThreadedExecutor final : public Executor {
public:
    explicit ThreadedExecutor(Execution& execution);
    ~ThreadedExecutor() override;
    ThreadedExecutor(const ThreadedExecutor&) = delete;
    ThreadedExecutor& operator=(const ThreadedExecutor&) = delete;

    void set_sink(Sink sink) override;
    void execute(std::shared_ptr<const consensus::Commit> commit) override;
    void speculate(std::shared_ptr<const consensus::NotarizedBlock> block) override;
    /// Blocks waiting.
    [[nodiscard]] std::size_t queued() const;

private:
    using Task = std::variant<std::shared_ptr<const consensus::Commit>,
                              std::shared_ptr<const consensus::NotarizedBlock>>;
    void add(Task task);
    void run();
    [[nodiscard]] std::optional<ExecutedBlock> perform(const Task& task);

    Execution& execution_;
    Sink sink_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

/// A few threads that check the items of batches while votes travel.
class VerificationPool {
public:
    VerificationPool(ItemChecker& checker, std::size_t threads);
    ~VerificationPool();
    VerificationPool(const VerificationPool&) = delete;
    VerificationPool& operator=(const VerificationPool&) = delete;

    /// Never blocks; with a full queue the batch is left to execution.
    void prefetch(const consensus::BatchHandle& batch);

private:
    void run();

    ItemChecker& checker_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<consensus::BatchHandle> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace remit::node
