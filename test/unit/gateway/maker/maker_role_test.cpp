#include "gateway/maker/maker_role.h"

#include <catch2/catch.hpp>

#include "test/support/gateway/world.h"

namespace remit::gateway {

namespace {

constexpr std::uint32_t maker = 6;

struct Fixture {
    test::World world;
    MarkBook marks;
    MakerRole role{world.ledger, world.registry, marks, maker};
    test::MemoryKv kv;
    Journal journal{kv};
    std::map<Bytes, Saga> live;
    Change change{live, journal, 0};

    /// A block that closed a window in which these participants ended with these nets.
    BlockFacts closed(const std::map<std::uint32_t, std::int64_t>& nets_minor) {
        BlockFacts facts;
        facts.block.set_height(world.ledger.chain().height());
        auto& event = *facts.block.add_events();
        event.set_kind("WINDOW_CLOSED");
        event.set_window_id(3);
        auto& window = facts.windows.emplace_back();
        window.set_window_id(3);
        for (const auto& [participant, net] : nets_minor) {
            auto& leg = *window.add_legs();
            leg.set_participant_id(participant);
            leg.set_asset_id(1);
            leg.set_net_minor(net);
        }
        return facts;
    }
};

}  // namespace

TEST_CASE("maker: pays in its own debt from its own cash, nobody else's", "[gateway][maker]") {
    Fixture fixture;
    fixture.role.on_block(fixture.closed({{1, -50}, {5, -60}, {maker, -80'741}}), fixture.change);
    REQUIRE(fixture.change.sagas().size() == 1);
    const auto& saga = fixture.change.sagas().begin()->second;
    const auto action = fixture.role.rules_of(saga.kind()).next(saga);
    REQUIRE(action.kind == Action::Kind::rail);
    CHECK(action.rail == RailName::clearing);
    CHECK(action.transfer.debit_account() == "own/6/HKD");
    CHECK(action.transfer.credit_account() == "clearing/HKD");
    CHECK(action.transfer.amount_minor() == 80'741);
    CHECK(action.transfer.transfer_id() == "pay-in/3/6/HKD");
}

TEST_CASE("maker: what it is owed it waits for", "[gateway][maker]") {
    Fixture fixture;
    fixture.role.on_block(fixture.closed({{maker, 80'741}, {5, 0}}), fixture.change);
    CHECK(fixture.change.sagas().empty());
}

TEST_CASE("maker: a node that is behind the block is asked again later", "[gateway][maker]") {
    Fixture fixture;
    auto facts = fixture.closed({});
    const auto height = facts.block.height();
    facts.block.set_height(height + 1);
    CHECK_FALSE(fixture.role.study(facts));
    facts.block.set_height(height);
    CHECK(fixture.role.study(facts));
}

TEST_CASE("maker: reads the bank's marks when a block has new ones", "[gateway][maker]") {
    Fixture fixture;
    BlockFacts facts;
    facts.block.set_height(fixture.world.ledger.chain().height());
    CHECK(fixture.role.study(facts));
    CHECK(fixture.marks.all().empty());

    facts.block.add_receipts()->set_verb("bank_mark");
    CHECK(fixture.role.study(facts));
    REQUIRE(fixture.marks.find({1, 2}));
    CHECK(fixture.marks.find({1, 2})->mark_id() ==
          fixture.world.bank->marks().find({1, 2})->mark_id());
    CHECK(fixture.marks.find({2, 1}));
}

}  // namespace remit::gateway
