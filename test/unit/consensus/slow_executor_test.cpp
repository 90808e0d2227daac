#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "test/support/consensus/network.h"

// A node whose execution stands still, or is slower than the chain, keeps a bounded amount: it
// falls behind like one that was away, and comes back like one.

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

constexpr ValidatorIndex slow = 3;

/// Small blocks, so that a bound in bytes is near.
Params small_blocks() {
    Params params;
    params.lag_max = 16;
    params.batch_bytes_max = 2048;
    params.inline_bytes_max = 0;
    params.block_bytes_max = 4096;
    params.resend_ms = 300;
    return params;
}

/// Items go in at the nodes that keep pace until these have executed so many blocks more.
void drive(VirtualNetwork& network, Height blocks, std::size_t bytes, int& next) {
    const auto until = network.executed(0) + blocks;
    for (int i = 0; i < 4000 && network.executed(0) < until; ++i) {
        network.submit(static_cast<ValidatorIndex>(i % 3),
                       std::to_string(next++) + "/" + std::string(bytes, 'x'));
        network.run_for(15);
    }
    REQUIRE(network.executed(0) >= until);
}

Height waiting(VirtualNetwork& network) {
    const auto metrics = network.node(slow).engine->metrics();
    return metrics.finalised_height - metrics.committed_height;
}

/// What a node has written and not let go of.
struct Kept {
    std::size_t batches;
    std::size_t records;
    Height waiting;
    friend bool operator==(const Kept&, const Kept&) = default;
};

Kept kept(VirtualNetwork& network) {
    const auto& disk = network.node(slow).disk;
    return {.batches = disk.batches.size(),
            .records = disk.journal.size(),
            .waiting = waiting(network)};
}

/// The others need it: with one of them down it votes and executes.
bool is_needed_and_there(VirtualNetwork& network) {
    network.crash(0);
    network.submit(1, "needs all three");
    const auto executed = [&](ValidatorIndex node) {
        const auto items = network.items(node);
        return std::find(items.begin(), items.end(), "needs all three") != items.end();
    };
    return network.run_until([&] { return executed(1) && executed(slow); }, 30'000);
}

}  // namespace

TEST_CASE("engine: a node that executes nothing more stops gathering", "[consensus]") {
    VirtualNetwork network(4, small_blocks());
    network.node(slow).executes = false;
    int next = 0;
    drive(network, 200, 1500, next);
    const auto before = kept(network);
    drive(network, 150, 1500, next);
    const auto after = kept(network);
    CHECK(after.batches == before.batches);
    CHECK(after.waiting == before.waiting);
    CHECK(after.records <= before.records + 2);  // leaves at most the view that it was in
    // 64 blocks are with the executor; beyond them not more than 16 full ones and what was held.
    CHECK(after.batches <= 64 * 2 + 16 * 2 + 64);
    // It executes again after a restart, and needs no help but its peers' blocks.
    network.crash(slow);
    network.node(slow).executes = true;
    network.restart(slow);
    CHECK(network.run_until([&] { return network.items(slow) == network.items(0); }, 60'000));
    CHECK(is_needed_and_there(network));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a node that waits for a batch stops gathering and comes back by itself",
          "[consensus]") {
    VirtualNetwork network(4, small_blocks());
    std::optional<Hash> withheld;
    network.filter = [&](ValidatorIndex, ValidatorIndex to, const Message& message) {
        const auto* batch = std::get_if<BatchHandle>(&message);
        if (batch != nullptr && !withheld) {
            withheld = (*batch)->digest();
        }
        return batch == nullptr || to != slow || (*batch)->digest() != *withheld;
    };
    int next = 0;
    drive(network, 120, 1500, next);
    const auto before = kept(network);
    drive(network, 100, 1500, next);
    const auto after = kept(network);
    CHECK(network.executed(slow) < 5);
    CHECK(after.batches == before.batches);
    CHECK(after.waiting == before.waiting);
    network.filter = nullptr;
    CHECK(network.run_until([&] { return network.items(slow) == network.items(0); }, 60'000));
    CHECK(is_needed_and_there(network));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: small blocks that wait are bounded in number", "[consensus]") {
    VirtualNetwork network(4);
    std::optional<Hash> withheld;
    network.filter = [&](ValidatorIndex, ValidatorIndex to, const Message& message) {
        const auto* batch = std::get_if<BatchHandle>(&message);
        if (const auto* proposal = std::get_if<Proposal>(&message); proposal != nullptr) {
            return to != slow || proposal->inline_batch == nullptr;
        }
        if (batch != nullptr && !withheld) {
            withheld = (*batch)->digest();
        }
        return batch == nullptr || to != slow || (*batch)->digest() != *withheld;
    };
    int next = 0;
    drive(network, 330, 1, next);
    REQUIRE(network.executed(slow) < 100);
    CHECK(waiting(network) <= 256 + 64);
    const auto before = kept(network);
    drive(network, 50, 1, next);
    CHECK(kept(network).waiting == before.waiting);
    CHECK(kept(network).batches == before.batches);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: what a slow node acknowledged stays on its disk", "[consensus]") {
    VirtualNetwork network(4, small_blocks());
    network.node(slow).executes = false;
    std::set<Hash> acknowledged;
    network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        const auto* ack = std::get_if<Ack>(&message);
        if (from == slow && ack != nullptr) {
            acknowledged.insert(ack->entry.digest);
        }
        return true;
    };
    int next = 0;
    drive(network, 150, 1500, next);
    REQUIRE(acknowledged.size() > 50);
    for (const auto& digest : acknowledged) {
        CHECK(network.node(slow).disk.batches.contains(digest));
    }
}

TEST_CASE("engine: a node whose roots differ gathers nothing more and answers", "[consensus]") {
    VirtualNetwork network(4, small_blocks());
    network.node(slow).state_suffix = "a bit flipped";
    int next = 0;
    drive(network, 5, 1500, next);
    REQUIRE(network.run_until([&] { return network.node(slow).divergence.has_value(); }, 5000));
    network.run_for(500);
    const auto before = kept(network);
    std::size_t answers = 0;
    network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        answers += from == slow && std::holds_alternative<BlocksAnswer>(message) ? 1 : 0;
        return true;
    };
    drive(network, 60, 1500, next);
    CHECK(kept(network) == before);
    network.inject(0, slow, BlocksRequest{.from_height = 1, .count = 1});
    network.run_for(100);
    CHECK(answers == 1);
    CHECK(network.faults().empty());
}
