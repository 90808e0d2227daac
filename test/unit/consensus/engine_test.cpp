#include "consensus/engine.h"

#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

TEST_CASE("engine: a submitted item is executed by all, then the chain is idle", "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    CHECK(network.node(0).commits.empty());
    network.submit(1, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 2000));
    network.run_for(2000);
    // The block with the item, and one empty block that anchors its result.
    for (ValidatorIndex i = 0; i < 4; ++i) {
        CHECK(network.executed(i) == 2);
        CHECK(network.items(i) == std::vector<Bytes>{"pay"});
        CHECK(network.node(i).proofs.size() == 2);
        CHECK(network.node(i).engine->metrics().anchored_height == 1);
    }
    const auto view = network.node(0).engine->metrics().view;
    network.run_for(60000);
    CHECK(network.executed(0) == 2);
    CHECK(network.node(0).engine->metrics().view == view);
    CHECK(network.faults().empty());
    CHECK(network.node(0).misbehaviour.empty());
}

TEST_CASE("engine: one validator alone finalises its own blocks", "[consensus]") {
    VirtualNetwork network(1);
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 1000));
    network.run_for(1000);
    CHECK(network.executed(0) == 2);
    CHECK(network.faults().empty());
}
