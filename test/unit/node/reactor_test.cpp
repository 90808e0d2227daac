#include "node/reactor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>
#include <limits>

#include "node/peer_inbox.h"
#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

/// Time stands still, so that no timer makes a turn.
class StillClock final : public Clock {
public:
    [[nodiscard]] std::int64_t mono_ms() const override { return 0; }
    [[nodiscard]] std::int64_t wall_ms() const override { return 0; }
};

constexpr std::size_t peers_max = 16;

/// A reactor on a real thread, held until the test has posted what it wants.
struct Held {
    test::SingleNode node;
    StillClock clock;
    Reactor reactor{clock, {}};
    std::promise<void> began;
    std::promise<void> go;
    std::size_t turn = 0;  // of the reactor's thread

    Held() {
        REQUIRE(node.start().empty());
        reactor.post([this](Replica&) {
            began.set_value();
            go.get_future().wait();
        });
        reactor.start(*node.replica, [this](const Replica&, std::chrono::microseconds) { ++turn; });
        began.get_future().wait();
    }
    /// Everything that was posted is handled.
    void release() {
        std::promise<void> done;
        std::size_t left = peers_max;
        go.set_value();
        for (std::size_t peer = 0; peer < peers_max; ++peer) {
            const auto last = [&done, &left](Replica&) {
                if (--left == 0) {
                    done.set_value();
                }
            };
            reactor.post_bulk(static_cast<consensus::ValidatorIndex>(peer), last, 0);
        }
        done.get_future().wait();
        reactor.stop();
    }
};

/// Says in which turn a message was let go of.
ReadLease lease_noting(std::vector<std::size_t>& turns, const std::size_t& turn) {
    return {nullptr, [&turns, &turn](void*) { turns.push_back(turn); }};
}

constexpr std::size_t batch_bytes = std::size_t{256} * 1024;
constexpr std::size_t peers = 12;
constexpr std::size_t of_each = 32;  // 8 MiB, what one stream may hold

}  // namespace

TEST_CASE("reactor: a vote overtakes the bulk data of twelve peers", "[reactor]") {
    Held held;
    PeerInbox inbox(held.reactor);
    auto batch = std::make_shared<consensus::Batch>();
    batch->items = {Bytes(batch_bytes, 'x')};
    batch->bytes = batch_bytes;
    std::vector<std::size_t> bulk_turns;
    std::vector<std::size_t> vote_turns;
    for (std::size_t i = 0; i < peers * of_each; ++i) {
        const auto peer = static_cast<consensus::ValidatorIndex>(1 + i % peers);
        inbox.on_message(peer, consensus::BatchHandle(batch), lease_noting(bulk_turns, held.turn));
    }
    inbox.on_message(1, consensus::Vote{}, lease_noting(vote_turns, held.turn));
    held.release();
    // Turn 0 is the one that was held; the vote is handled in the next one.
    CHECK(vote_turns == std::vector<std::size_t>{1});
    REQUIRE(bulk_turns.size() == peers * of_each);
    CHECK(std::is_sorted(bulk_turns.begin(), bulk_turns.end()));
    for (std::size_t turn = 0; turn <= bulk_turns.back(); ++turn) {
        CHECK(std::count(bulk_turns.begin(), bulk_turns.end(), turn) * batch_bytes <= 1U << 20U);
    }
}

TEST_CASE("reactor: requests wait behind votes, and one peer's do not hold another's up",
          "[reactor]") {
    Held held;
    PeerInbox inbox(held.reactor);
    std::vector<std::size_t> greedy;
    std::vector<std::size_t> modest;
    std::vector<std::size_t> vote;
    for (int i = 0; i < 500; ++i) {
        inbox.on_message(1, consensus::HeadersRequest{.digest = {}, .count = 64},
                         lease_noting(greedy, held.turn));
        inbox.on_message(1, consensus::BlocksRequest{.from_height = 1, .count = 65'535},
                         lease_noting(greedy, held.turn));
    }
    inbox.on_message(2, consensus::BatchesRequest{.digests = {Hash{}}},
                     lease_noting(modest, held.turn));
    inbox.on_message(3, consensus::Vote{}, lease_noting(vote, held.turn));
    held.release();
    CHECK(vote == std::vector<std::size_t>{1});
    CHECK(modest == std::vector<std::size_t>{1});
    REQUIRE(greedy.size() == 1'000);
    CHECK(std::count(greedy.begin(), greedy.end(), 1) <= 3);
    CHECK(greedy.back() > 100);
}

TEST_CASE("reactor: within votes and within a peer's bulk data nothing changes places",
          "[reactor]") {
    Held held;
    std::vector<int> votes;
    std::vector<int> bulk;
    for (int i = 0; i < 1000; ++i) {
        held.reactor.post_bulk(
            1, [&bulk, i](Replica&) { bulk.push_back(i); },
            static_cast<std::size_t>(i) * 997 % 300'000);
        held.reactor.post([&votes, i](Replica&) { votes.push_back(i); });
    }
    held.release();
    CHECK(votes.size() == 1000);
    CHECK(std::is_sorted(votes.begin(), votes.end()));
    CHECK(bulk.size() == 1000);
    CHECK(std::is_sorted(bulk.begin(), bulk.end()));
}

TEST_CASE("reactor: one piece larger than a turn's share is handled all the same", "[reactor]") {
    Held held;
    std::vector<std::size_t> turns;
    for (int i = 0; i < 3; ++i) {
        held.reactor.post_bulk(
            1, [&](Replica&) { turns.push_back(held.turn); }, std::size_t{4} << 20U);
    }
    held.release();
    CHECK(turns == std::vector<std::size_t>{1, 2, 3});
}

TEST_CASE("peer inbox: a peer beyond those there is room for stands nowhere", "[reactor]") {
    StillClock clock;
    Reactor reactor(clock, {});
    const PeerInbox inbox(reactor);
    CHECK(inbox.height_of(PeerNetwork::peers_max - 1) == 0);
    CHECK(inbox.height_of(PeerNetwork::peers_max) == 0);
    CHECK(inbox.height_of(std::numeric_limits<consensus::PeerNumber>::max()) == 0);
}
