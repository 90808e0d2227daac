#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "node/network/peer_network.h"
#include "node/seams/posix_disk.h"
#include "node/seams/random.h"
#include "node/storage/vote_journal.h"
#include "test/placement/host.h"

namespace remit::ordering {

/// What all processes of a run share: made before they part.
struct Net {
    explicit Net(std::size_t validators);
    placement::World world;
    std::vector<node::TlsIdentity> identities;
    std::vector<node::PeerAddress> addresses;
};

/// What was ordered between two moments, by one validator's account.
struct Count {
    std::uint64_t items = 0;
    std::uint64_t blocks = 0;
    std::uint64_t views = 0;
    std::uint64_t nullified = 0;
    std::uint64_t syncs = 0;
    std::uint64_t journal_bytes = 0;
    double processor_s = 0;
};

/// One validator of a run, with a thread of its own for everything but the network. What it says is
/// executed at once: its result is a hash.
class Validator final : node::PeerReceiver {
public:
    Validator(const Net& net, std::size_t index, const std::string& folder, std::size_t at_once);
    ~Validator() override;

    /// Connects, gives itself items from `begin_ms` of the monotonic clock on and counts those that
    /// become final in the `span_ms` behind `count_ms`. Call once.
    Count run(std::int64_t begin_ms, std::int64_t count_ms, std::int64_t span_ms);

private:
    void on_message(consensus::ValidatorIndex peer, consensus::Message message,
                    node::ReadLease lease) override;
    void on_garbage(consensus::ValidatorIndex peer) override;
    void on_connected(consensus::ValidatorIndex peer) override;
    void on_disconnected(consensus::ValidatorIndex peer) override;

    struct Arrived {
        consensus::Event event;
        node::ReadLease lease;
    };
    void arrived(Arrived event);
    std::deque<Arrived> wait_for_work(std::int64_t until_ms);
    void turn(std::int64_t until_ms, bool fills);
    void take(placement::Host::Done done);
    void fill();
    void drain();
    [[nodiscard]] consensus::Now now() const { return {clock_.mono_ms(), clock_.wall_ms()}; }
    [[nodiscard]] Count count() const;

    const Net& net_;
    std::size_t index_;
    std::size_t at_once_;
    node::SystemClock clock_;
    node::SystemRandom random_;
    node::PosixDisk disk_;
    placement::Costs costs_;  // nothing is charged: it takes what it takes
    placement::Host host_;
    std::unique_ptr<node::VoteJournal> journal_;
    std::unique_ptr<node::PeerNetwork> network_;
    consensus::Output pending_;
    std::uint64_t given_ = 0;
    std::uint64_t ordered_ = 0;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Arrived> urgent_;  // all but batches
    std::deque<Arrived> bulk_;
    std::uint64_t garbage_ = 0;
};

}  // namespace remit::ordering
