#include "node/reactor.h"

#include <algorithm>

namespace remit::node {

namespace {
/// The longest sleep without a deadline; nothing depends on it.
constexpr std::int64_t nap_ms_max = 1000;
}  // namespace

Reactor::~Reactor() {
    stop();
}

void Reactor::start(Replica& replica, AfterTurn after_turn) {
    thread_ = std::thread(
        [this, &replica, after_turn = std::move(after_turn)] { run(replica, after_turn); });
}

void Reactor::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Reactor::post(Event event) {
    {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        if (events_.size() > 1) {
            return;  // the thread was woken for the first one
        }
    }
    wake_.notify_one();
}

void Reactor::post_bulk(consensus::ValidatorIndex peer, Event event, std::size_t bytes) {
    {
        const std::lock_guard lock(mutex_);
        const bool first = bulk_.empty();
        bulk_[peer].push_back({std::move(event), bytes});
        if (!first) {
            return;
        }
    }
    wake_.notify_one();
}

bool Reactor::submit(Submission submission) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || clients_.size() - clients_taken_ >= bounds_.clients_max) {
            return false;
        }
        clients_.push_back(std::move(submission));
    }
    wake_.notify_one();
    return true;
}

void Reactor::wait_for_work(std::unique_lock<std::mutex>& lock, const Replica& replica) {
    const auto has_work = [this] {
        return stopping_ || !events_.empty() || !bulk_.empty() || clients_taken_ < clients_.size();
    };
    const auto now = clock_.mono_ms();
    const auto until =
        std::min(replica.next_deadline().value_or(now + nap_ms_max), now + nap_ms_max);
    if (until > now) {
        wake_.wait_for(lock, std::chrono::milliseconds(until - now), has_work);
    }
}

void Reactor::take_share(std::vector<Event>& events, std::vector<Submission>& clients) {
    events.swap(events_);
    for (std::size_t bytes = 0; !bulk_.empty() && bytes < bounds_.bulk_bytes_per_turn;) {
        auto turn = bulk_.lower_bound(next_bulk_);
        turn = turn == bulk_.end() ? bulk_.begin() : turn;
        auto& queue = turn->second;
        bytes += queue.front().bytes;
        events.push_back(std::move(queue.front().event));
        queue.pop_front();
        next_bulk_ = turn->first + 1;
        if (queue.empty()) {
            bulk_.erase(turn);
        }
    }
    const auto count = std::min(bounds_.clients_per_turn, clients_.size() - clients_taken_);
    for (std::size_t i = 0; i < count; ++i) {
        clients.push_back(std::move(clients_[clients_taken_++]));
    }
    if (clients_taken_ == clients_.size()) {
        clients_.clear();
        clients_taken_ = 0;
    }
}

void Reactor::run(Replica& replica, const AfterTurn& after_turn) {
    std::vector<Event> events;
    std::vector<Submission> clients;
    replica.flush();
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wait_for_work(lock, replica);
            if (stopping_) {
                return;
            }
            take_share(events, clients);
        }
        for (auto& event : events) {
            event(replica);
        }
        for (auto& client : clients) {
            replica.submit(std::move(client));
        }
        events.clear();
        clients.clear();
        if (replica.next_deadline().value_or(clock_.mono_ms() + 1) <= clock_.mono_ms()) {
            replica.on_tick();
        }
        const auto begin = std::chrono::steady_clock::now();
        replica.flush();
        after_turn(replica, std::chrono::duration_cast<std::chrono::microseconds>(
                                std::chrono::steady_clock::now() - begin));
    }
}

}  // namespace remit::node
