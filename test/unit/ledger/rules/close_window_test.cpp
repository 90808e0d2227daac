#include "ledger/rules/close_window.h"

#include "ledger/bilateral.h"
#include "test/unit/ledger/rules/settlement_world.h"

using namespace remit::ledger;
using namespace remit::ledger::test;

TEST_CASE("close_window: the first block at the cut-off closes, no block before it") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    const auto cut_off = next_cut_off(world.state().calendar(), world.time());
    REQUIRE(next_close_at(world.state()) == cut_off->at);
    REQUIRE(world.next_block(cut_off->at.ms - world.time().ms - 1).empty());
    REQUIRE(world.position(operator_a, hkd).open == -848'955);
    const auto events = world.next_block(1);
    REQUIRE(events.size() == 1);
    REQUIRE(events[0].kind == LedgerEvent::Kind::window_closed);
    REQUIRE(events[0].window == WindowId{1});
    const auto window = world.state().window({1});
    REQUIRE(window->cut_off == cut_off->at);
    REQUIRE(window->closed_height == world.height());
    REQUIRE(window->pay_in_deadline.ms == world.time().ms + 3'600'000);
    REQUIRE(world.state().windows().open == WindowId{2});
    REQUIRE(world.next_block(1).empty());
}

TEST_CASE("close_window: several cut-offs passed close one window once") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    const auto events = world.next_block(3 * 86'400'000LL);
    REQUIRE(events.size() == 1);
    REQUIRE(world.state().windows().open == WindowId{2});
    REQUIRE(world.state().windows().cut_off_done == world.state().calendar().cut_offs[2].at);
    REQUIRE(world.next_block(1000).empty());
}

TEST_CASE("close_window: a window with nothing due is settled at once") {
    SettlementWorld world;
    world.fund();
    const auto events = world.pass_cut_off();
    REQUIRE(events.size() == 2);
    REQUIRE(events[1].kind == LedgerEvent::Kind::window_settled);
    REQUIRE(world.window_state({1}) == WindowState::settled);
    REQUIRE(world.state().windows().unsettled.empty());
}

TEST_CASE("close_window: with two closed windows unsettled the next close waits") {
    SettlementWorld world;
    world.fund();
    world.send({operator_a, maker_1, operator_g, {hkd, 1000}, {php, 7000}});
    world.pass_cut_off();
    world.send({operator_a, maker_1, operator_g, {hkd, 2000}, {php, 14'000}});
    world.pass_cut_off();
    world.send({operator_a, maker_1, operator_g, {hkd, 4000}, {php, 28'000}});
    REQUIRE(world.state().windows().unsettled == std::vector<WindowId>{{1}, {2}});
    REQUIRE_FALSE(next_close_at(world.state()));
    REQUIRE(world.pass_cut_off().empty());
    REQUIRE(world.position(operator_a, hkd).open == -4000);
    REQUIRE(world.position(operator_a, hkd).due_of({1}) == -1000);
    REQUIRE(world.position(operator_a, hkd).due_of({2}) == -2000);
    REQUIRE(old_debt(world.position(operator_a, hkd)) == 3000);

    REQUIRE(refusal(world.confirm({2}, operator_a, {hkd, 2000}, SettleSource::own)) ==
            LedgerError::window_not_oldest);
    REQUIRE(world.confirm({1}, operator_a, {hkd, 1000}, SettleSource::own));
    REQUIRE(world.confirm({1}, maker_1, {php, 7000}, SettleSource::own));
    REQUIRE(world.confirm({1}, maker_1, {hkd, 1000}, SettleSource::own));
    REQUIRE(world.confirm({1}, operator_g, {php, 7000}, SettleSource::reserve));
    REQUIRE(world.window_state({1}) == WindowState::settled);
    // The cut-off that had to wait closes in the next block.
    const auto events = world.next_block(1000);
    REQUIRE(events.size() == 1);
    REQUIRE(world.position(operator_a, hkd).due_of({3}) == -4000);
    REQUIRE(world.state().windows().unsettled == std::vector<WindowId>{{2}, {3}});
}

TEST_CASE("close_window: who owes whom is known while a window is unsettled, then forgotten") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    const WindowAsset place{.window = {1}, .asset = hkd};
    REQUIRE(bilateral_net(world.state(), place, {.debtor = operator_a, .creditor = maker_1}) ==
            1'000'000);
    REQUIRE(bilateral_net(world.state(), place, {.debtor = maker_1, .creditor = operator_a}) ==
            -1'000'000);
    REQUIRE(bilateral_net(world.state(), place, {.debtor = operator_a, .creditor = maker_2}) ==
            250'055 - 401'100);
    REQUIRE(bilateral_net(world.state(), place, {.debtor = operator_t, .creditor = maker_2}) == 0);
    forget_bilaterals(world.state(), {1});
    REQUIRE(bilateral_net(world.state(), place, {.debtor = operator_a, .creditor = maker_1}) == 0);
}
