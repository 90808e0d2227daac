#pragma once

#include <atomic>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "test/faults/cluster.h"

namespace remit::test {

/// A payment as its client knows it: six operations, all or nothing.
struct Payment {
    std::string transaction_id;
    ledger::CustomerTag payer{};
    ledger::CustomerTag payee{};
    ledger::Minor funded = 0;
    ledger::Minor paid = 0;
    std::uint64_t height = 0;  // where its receipts say it ran
};

/// Clients that pay through all nodes in turn. Each sends the very same envelope again, to the next
/// node, until some node answers with receipts: whoever executed it twice would show it.
class Load {
public:
    Load(const Cluster& cluster, std::uint64_t seed) : cluster_(cluster), seed_(seed) {}
    ~Load();
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// Clients that each pay once the last payment was answered.
    void begin(std::size_t clients);
    /// No new payments; those begun are given this long to be answered. Those that were not are
    /// violations.
    void finish(std::chrono::seconds limit);

    [[nodiscard]] std::vector<Payment> acknowledged() const;
    [[nodiscard]] std::size_t acknowledged_count() const;
    /// Answers that a sound network never gives.
    [[nodiscard]] std::vector<std::string> violations() const;
    /// Longest time without a receipt since the last call, one that still goes on included.
    std::chrono::milliseconds take_longest_pause();

private:
    using Clock = std::chrono::steady_clock;

    void run_client(std::size_t client);
    /// False when it was not answered before the end.
    bool pay(const std::vector<MemberClient>& nodes, std::size_t first, Payment payment);
    /// Whether the answer is final; one that no sound network gives is a violation.
    bool take(const MemberClient::Submitted& done, Payment& payment);
    void add_violation(const std::string& text);

    const Cluster& cluster_;
    std::uint64_t seed_;
    std::atomic<bool> stopping_ = false;
    std::atomic<Clock::rep> give_up_{Clock::time_point::max().time_since_epoch().count()};
    mutable std::mutex mutex_;
    std::vector<Payment> acknowledged_;
    std::vector<std::string> violations_;
    Clock::time_point last_ = Clock::now();
    Clock::duration longest_{0};
    std::vector<std::thread> threads_;
};

}  // namespace remit::test
