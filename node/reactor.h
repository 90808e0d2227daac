#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "node/replica/replica.h"

namespace remit::node {

/// The one thread that drives a Replica: takes what has arrived, lets the replica handle it, and
/// ends the turn with one flush (one sync). Peers' votes, executed blocks and timers go first, then
/// a bounded amount of bulk data, then clients' envelopes: a vote never waits for more than one
/// turn's share of what is hashed, verified, written and synced.
///
/// The queues are bounded by who fills them: peers by their read leases, execution by the lag
/// bound of consensus, clients by `clients_max` here. Peers take turns in the bulk data, so that
/// one that fills its leases holds nobody else's up.
class Reactor {
public:
    using Event = std::function<void(Replica&)>;

    struct Bounds {
        std::size_t clients_max = 20'000;
        std::size_t clients_per_turn = 1000;
        /// The turn's last piece of bulk data may go beyond it.
        std::size_t bulk_bytes_per_turn = std::size_t{1} << 20U;
    };
    Reactor(const Clock& clock, Bounds bounds) : clock_(clock), bounds_(bounds) {}
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    /// Called on the thread at the end of every turn with how long its flush took.
    using AfterTurn = std::function<void(const Replica&, std::chrono::microseconds flush)>;

    /// Starts the thread.
    void start(Replica& replica, AfterTurn after_turn);
    /// Ends the thread behind the turn it is in; what still waits is dropped.
    void stop();

    /// Any thread; never blocks. In the order of the calls.
    void post(Event event);
    /// Likewise, in an order of the peer's own: work for about so many bytes, which votes overtake.
    void post_bulk(consensus::ValidatorIndex peer, Event event, std::size_t bytes);
    /// False when too many envelopes wait.
    bool submit(Submission submission);

private:
    void run(Replica& replica, const AfterTurn& after_turn);
    void wait_for_work(std::unique_lock<std::mutex>& lock, const Replica& replica);
    /// Moves the turn's share of what waits behind the events that it is given.
    void take_share(std::vector<Event>& events, std::vector<Submission>& clients);

    const Clock& clock_;
    Bounds bounds_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Event> events_;
    struct Bulk {
        Event event;
        std::size_t bytes = 0;
    };
    std::map<consensus::ValidatorIndex, std::deque<Bulk>> bulk_;  // none of them empty
    consensus::ValidatorIndex next_bulk_ = 0;  // whose turn it is, or that of the next after it
    std::vector<Submission> clients_;
    std::size_t clients_taken_ = 0;  // of clients_, from the front
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace remit::node
