#include "consensus/speculation.h"

#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

TEST_CASE("engine: a result is certified one hop earlier than its block's execution after finality",
          "[consensus]") {
    const auto proven_after = [](bool speculates) {
        VirtualNetwork network(4);
        network.delay_ms = 20;
        for (ValidatorIndex i = 0; i < 4; ++i) {
            network.node(i).speculates = speculates;
        }
        network.run_for(500);
        const auto leader = network.node(0).engine->leader(1);
        network.submit(leader, "pay");
        for (std::int64_t ms = 1; ms < 200; ++ms) {
            if (network.run_until([&] { return !network.node(leader).proofs.empty(); }, 1)) {
                return ms;
            }
        }
        return std::int64_t{0};
    };
    // Three hops to finality. The execution vote travels with Finalize, or a hop behind it; 2 ms of
    // execution come before the vote, and 2 for what is final.
    CHECK(proven_after(true) <= 3 * 20 + 2 + 2);
    CHECK(proven_after(false) > 4 * 20);
}

TEST_CASE("engine: a result is proven only once its block is final", "[consensus]") {
    VirtualNetwork network(4);
    bool finalize_lost = true;
    network.filter = [&](ValidatorIndex, ValidatorIndex, const Message& message) {
        const auto* vote = std::get_if<Vote>(&message);
        return !finalize_lost || vote == nullptr || vote->kind != VoteKind::finalize;
    };
    std::size_t votes = 0;
    const auto counted = network.filter;
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        votes += std::holds_alternative<ExecutionVote>(message) ? 1 : 0;
        return counted(from, to, message);
    };
    network.submit(0, "pay");
    network.run_for(1500);
    CHECK(votes >= 12);  // of each to each: for what is notarized
    for (ValidatorIndex i = 0; i < 4; ++i) {
        CHECK(network.node(i).proofs.empty());
        CHECK(network.node(i).commits.empty());
    }
    finalize_lost = false;
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 8000));
    REQUIRE(network.run_until([&] { return !network.node(0).proofs.empty(); }, 1000));
    CHECK_FALSE(network.node(0).divergence.has_value());
    CHECK(network.faults().empty());
}

TEST_CASE("engine: votes for a block that is not finalised prove nothing of its height",
          "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    // Two validators vote for a block of height 1 that nobody ever made: f+1 and more.
    ExecutionResult invented;
    invented.height = 1;
    invented.block_digest = remit::hash(domain::state_node, "a block of nobody");
    const auto& chain = network.chain();
    for (const ValidatorIndex from : {ValidatorIndex{2}, ValidatorIndex{3}}) {
        const ExecutionVote vote{.epoch = 1,
                                 .result = invented,
                                 .signer = from,
                                 .signature = chain.signers[from]->sign(
                                     execution_bytes(chain.chain_id, chain.set, invented))};
        network.inject(from, 0, vote);
        network.inject(from, 1, vote);
    }
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.node(0).proofs.size() == 1; }, 2000));
    CHECK(network.node(0).proofs[0].result == network.node(2).disk.results.at(1));
    CHECK_FALSE(network.node(0).divergence.has_value());
    CHECK_FALSE(network.node(1).divergence.has_value());
    CHECK(network.node(0).misbehaviour.empty());
}

TEST_CASE("engine: a validator has four blocks of a height to vote for, and then the final one",
          "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    const auto& chain = network.chain();
    for (std::uint64_t i = 0; i < 50; ++i) {
        ExecutionResult invented;
        invented.height = 1;
        invented.block_digest = remit::hash(domain::state_node, std::to_string(i));
        network.inject(3, 0,
                       ExecutionVote{.epoch = 1,
                                     .result = invented,
                                     .signer = 3,
                                     .signature = chain.signers[3]->sign(
                                         execution_bytes(chain.chain_id, chain.set, invented))});
    }
    // Of the fifty, four were looked at; the rest cost no signature check.
    CHECK(network.node(0).engine->metrics().signatures_verified <= 4);
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.node(0).proofs.size() == 1; }, 2000));
    CHECK_FALSE(network.node(0).divergence.has_value());
}
