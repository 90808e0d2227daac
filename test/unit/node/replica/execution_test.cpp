#include "node/replica/execution.h"

#include <catch2/catch.hpp>

#include "test/support/node/single_node.h"

namespace remit::node {
namespace {

using consensus::Commit;
using consensus::Header;
using consensus::NotarizedBlock;

/// Two nodes of one chain: one executes ahead, the other only what is final.
struct Fixture {
    test::SingleNode ahead;
    test::SingleNode plain;

    Fixture() {
        REQUIRE(ahead.start().empty());
        REQUIRE(plain.start().empty());
    }
    [[nodiscard]] NotarizedBlock block(const Header& parent, consensus::View view,
                                       const std::vector<std::uint8_t>& tags) {
        auto batch = std::make_shared<consensus::Batch>();
        for (const auto tag : tags) {
            batch->items.push_back(ahead.opening(tag));
        }
        batch->nonce = view;
        batch->items_root = consensus::items_root_of(batch->items);
        Header header;
        header.view = view;
        header.height = parent.height + 1;
        header.parent_view = parent.view;
        header.parent_digest = parent.digest();
        header.time_ms = parent.time_ms + 1;
        header.batches.push_back(batch->entry());
        return {.header = header, .digest = header.digest(), .batches = {batch}};
    }
    static Commit commit(const NotarizedBlock& block) {
        return {.header = block.header,
                .digest = block.digest,
                .batches = block.batches,
                .finalization = {},
                .descendants = {}};
    }
    /// Both commit it; what they get and keep must be the same.
    consensus::ExecutionResult must_agree(const NotarizedBlock& block) {
        const auto one = ahead.execution->execute(commit(block));
        const auto other = plain.execution->execute(commit(block));
        REQUIRE_FALSE(one.breach);
        CHECK(one.result == other.result);
        CHECK(one.item_ids == other.item_ids);
        CHECK(one.outcomes.size() == other.outcomes.size());
        CHECK(one.wake_at_ms == other.wake_at_ms);
        CHECK(ahead.kv.records() == plain.kv.records());
        return one.result;
    }
    [[nodiscard]] const Header& root() const { return ahead.chain.header; }
};

}  // namespace

TEST_CASE("execution: ahead of finality it gives the result and writes nothing", "[replica]") {
    Fixture fixture;
    const auto before = fixture.ahead.kv.records();
    const auto one = fixture.block(fixture.root(), 1, {1, 2});
    const auto done = fixture.ahead.execution->speculate(one);
    REQUIRE(done);
    CHECK(done->speculative);
    CHECK(fixture.ahead.kv.records() == before);
    CHECK(fixture.ahead.execution->height() == 0);
    CHECK(fixture.ahead.reads->executed_height() == 0);
    CHECK(fixture.must_agree(one) == done->result);
    CHECK_FALSE(fixture.ahead.execution->speculate(one));  // it is written
}

TEST_CASE("execution: a chain of blocks ahead reads through what its ancestors wrote",
          "[replica]") {
    Fixture fixture;
    const auto one = fixture.block(fixture.root(), 1, {1, 2});
    const auto two = fixture.block(one.header, 2, {2, 3});  // 2 again: answered, not done twice
    const auto three = fixture.block(two.header, 3, {4});
    const auto first = fixture.ahead.execution->speculate(one);
    const auto second = fixture.ahead.execution->speculate(two);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(fixture.must_agree(one) == first->result);
    // The third goes on from an ancestor that is written by now and one that is not.
    const auto third = fixture.ahead.execution->speculate(three);
    REQUIRE(third);
    CHECK(fixture.must_agree(two) == second->result);
    CHECK(fixture.must_agree(three) == third->result);
}

TEST_CASE("execution: what another block of the height gave is forgotten with it", "[replica]") {
    Fixture fixture;
    const auto one = fixture.block(fixture.root(), 1, {1});
    const auto other = fixture.block(fixture.root(), 2, {9});
    const auto on_other = fixture.block(other.header, 3, {8});
    REQUIRE(fixture.ahead.execution->speculate(one));
    REQUIRE(fixture.ahead.execution->speculate(other));
    REQUIRE(fixture.ahead.execution->speculate(on_other));
    fixture.must_agree(one);
    // Its parent's state is gone, and a block on it could not be final any more.
    CHECK_FALSE(fixture.ahead.execution->speculate(fixture.block(on_other.header, 4, {7})));
    const auto two = fixture.block(one.header, 5, {9});
    REQUIRE(fixture.ahead.execution->speculate(two));
    fixture.must_agree(two);
}

TEST_CASE("execution: without the parent's state nothing is executed ahead", "[replica]") {
    Fixture fixture;
    const auto one = fixture.block(fixture.root(), 1, {1});
    const auto two = fixture.block(one.header, 2, {2});
    CHECK_FALSE(fixture.ahead.execution->speculate(two));
    fixture.must_agree(one);
    fixture.must_agree(two);
}

}  // namespace remit::node
