#include "ledger/rules/settle_confirm.h"

#include "test/unit/ledger/rules/settlement_world.h"

using namespace remit::ledger;
using namespace remit::ledger::test;

namespace {
constexpr WindowId first{1};

/// The example, closed: nothing paid yet.
void close_example(SettlementWorld& world) {
    world.fund();
    world.send_all();
    world.pass_cut_off();
}

void pay_all_in(SettlementWorld& world) {
    REQUIRE(world.confirm(first, operator_a, {hkd, 848'955}, SettleSource::reserve));
    REQUIRE(world.confirm(first, operator_t, {hkd, 400'000}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {hkd, 151'045}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::own));
}
}  // namespace

TEST_CASE("settlement example: nets, caps and supply are those of the design", "[settlement]") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    const auto open = [&](ParticipantId participant, AssetId asset) {
        return world.position(participant, asset).open;
    };
    REQUIRE(open(operator_a, hkd) == -848'955);
    REQUIRE(open(operator_t, hkd) == -400'000);
    REQUIRE(open(operator_g, hkd) == 0);
    REQUIRE(open(maker_1, hkd) == 1'400'000);
    REQUIRE(open(maker_2, hkd) == -151'045);
    REQUIRE(open(operator_g, php) == 9'331'836);
    REQUIRE(open(maker_1, php) == -10'462'900);
    REQUIRE(open(maker_2, php) == 1'131'064);
    const Policy policy = world.state().policy();
    REQUIRE(cap_of(world.position(operator_a, hkd), policy) == 1'800'000);
    REQUIRE(cap_of(world.position(operator_t, hkd), policy) == 450'000);
    REQUIRE(cap_of(world.position(operator_g, php), policy) == 3'150'000);
    REQUIRE(cap_of(world.position(maker_1, php), policy) == 13'500'000);
    REQUIRE(cap_of(world.position(maker_2, hkd), policy) == 900'000);
    REQUIRE(cap_of(world.position(maker_2, php), policy) == 1'980'000);
    REQUIRE(world.supply(hkd) == 401'100);
    REQUIRE(world.supply(php) == 12'331'836);
}

TEST_CASE("settlement example: the window settles to the cent and supply stays", "[settlement]") {
    SettlementWorld world;
    close_example(world);
    REQUIRE(world.window_state(first) == WindowState::pending_settlement);
    REQUIRE(world.position(maker_1, hkd).due_of(first) == 1'400'000);
    REQUIRE(world.position(maker_1, hkd).open == 0);
    REQUIRE(world.state().leg(first, operator_g, php)->net == 9'331'836);
    REQUIRE_FALSE(world.state().leg(first, operator_g, hkd));

    pay_all_in(world);
    REQUIRE(world.clearing(hkd) == -1'400'000);
    REQUIRE(world.clearing(php) == -10'462'900);
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own));
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
    REQUIRE(world.window_state(first) == WindowState::pending_settlement);
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));

    REQUIRE(world.window_state(first) == WindowState::settled);
    REQUIRE(world.state().windows().unsettled.empty());
    REQUIRE(world.clearing(hkd) == 0);
    REQUIRE(world.clearing(php) == 0);
    REQUIRE(world.supply(hkd) == 401'100);
    REQUIRE(world.supply(php) == 12'331'836);
    REQUIRE(world.sum_of_accounts(hkd) == 0);
    REQUIRE(world.sum_of_accounts(php) == 0);
    REQUIRE(world.settlement(operator_g, php) == -12'331'836);
    REQUIRE(world.position(operator_g, php).reserve == 12'331'836);
    REQUIRE(world.settlement(operator_a, hkd) == -401'100);
    REQUIRE(world.position(operator_a, hkd).reserve == 401'100);
    REQUIRE(world.position(operator_t, hkd).reserve == 0);
    for (const ParticipantId participant : {operator_a, operator_t, operator_g, maker_1, maker_2}) {
        REQUIRE(world.position(participant, hkd).net() == 0);
        REQUIRE(world.position(participant, php).net() == 0);
        REQUIRE(world.status(participant) == ParticipantStatus::active);
    }
}

TEST_CASE("settlement example: tokens left overnight carry into the next day", "[settlement]") {
    SettlementWorld world;
    close_example(world);
    pay_all_in(world);
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own));
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    // Next day a customer of G sends back what came in: G pays from its reserve, no on-ramp.
    world.send({operator_g, maker_2, operator_a, {php, 1'000'000}, {hkd, 133'700}});
    world.pass_cut_off();
    const WindowId second{2};
    REQUIRE(world.confirm(second, operator_g, {php, 1'000'000}, SettleSource::reserve));
    REQUIRE(world.confirm(second, maker_2, {hkd, 133'700}, SettleSource::own));
    REQUIRE(world.confirm(second, operator_a, {hkd, 133'700}, SettleSource::reserve));
    REQUIRE(world.confirm(second, maker_2, {php, 1'000'000}, SettleSource::own));
    REQUIRE(world.window_state(second) == WindowState::settled);
    REQUIRE(world.supply(hkd) == 534'800);
    REQUIRE(world.supply(php) == 11'331'836);
    REQUIRE(world.settlement(operator_g, php) == -11'331'836);
    REQUIRE(world.position(operator_g, php).reserve == 11'331'836);
    REQUIRE(world.position(operator_a, hkd).reserve == 534'800);
}

TEST_CASE("settle_confirm: entries must sum to exactly what is due", "[settlement]") {
    SettlementWorld world;
    close_example(world);
    for (const Minor wrong : {848'954, 848'956, 1'697'910}) {
        CAPTURE(wrong);
        REQUIRE(refusal(world.confirm(first, operator_a, {hkd, wrong}, SettleSource::reserve)) ==
                LedgerError::amount_differs);
    }
    REQUIRE(world.position(operator_a, hkd).due_of(first) == -848'955);
    SettleConfirm two{.window = first,
                      .participant = operator_a,
                      .asset = hkd,
                      .entries = {{"clearing", "2024-12-31", "X1", 800'000},
                                  {"clearing", "2024-12-31", "X2", 48'955}},
                      .source = SettleSource::reserve};
    REQUIRE(world.run(settle_confirm, two));
    REQUIRE(world.position(operator_a, hkd).due_of(first) == 0);
    REQUIRE(world.position(operator_a, hkd).reserve == 1'250'055 - 848'955);
}

TEST_CASE("settle_confirm: a bank entry counts once for ever", "[settlement]") {
    SettlementWorld world;
    close_example(world);
    const auto entry = [](Minor amount) {
        return BankEntry{"clearing", "2024-12-31", "E1", amount};
    };
    SettleConfirm doubled{.window = first,
                          .participant = operator_t,
                          .asset = hkd,
                          .entries = {entry(200'000), entry(200'000)},
                          .source = SettleSource::own};
    REQUIRE(refusal(world.run(settle_confirm, doubled)) == LedgerError::reference_used);
    SettleConfirm once = doubled;
    once.entries = {entry(400'000)};
    REQUIRE(world.run(settle_confirm, once));
    SettleConfirm again{.window = first,
                        .participant = operator_a,
                        .asset = hkd,
                        .entries = {entry(848'955)},
                        .source = SettleSource::own};
    REQUIRE(refusal(world.run(settle_confirm, again)) == LedgerError::id_reused);
    // The very same operation again: its first result, and no money moves.
    const Minor before = world.clearing(hkd);
    REQUIRE(world.run(settle_confirm, once));
    REQUIRE(world.clearing(hkd) == before);
    again.entries.front().booking_date = "2024-12-30";
    REQUIRE(world.run(settle_confirm, again));
}

TEST_CASE("settle_confirm: pay-outs wait for the participant's debts and for the cash",
          "[settlement]") {
    SettlementWorld world;
    close_example(world);
    REQUIRE(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::own));
    // M1 owes nothing more, but the HKD is not in.
    REQUIRE(refusal(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own)) ==
            LedgerError::pay_in_first);
    // The PHP is in, but M2 still owes HKD.
    REQUIRE(refusal(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own)) ==
            LedgerError::pay_in_first);
    REQUIRE(world.confirm(first, maker_2, {hkd, 151'045}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    REQUIRE(refusal(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own)) ==
            LedgerError::pay_in_first);
}

TEST_CASE("settle_confirm: the source must be the account the cash came from or goes to",
          "[settlement]") {
    SettlementWorld world;
    close_example(world);
    REQUIRE(refusal(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::unspecified)) ==
            LedgerError::bad_source);
    REQUIRE(refusal(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::reserve)) ==
            LedgerError::bad_source);
    REQUIRE(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::cover));
    REQUIRE(world.position(maker_1, php).cover == 15'000'000 - 10'462'900);
    REQUIRE(refusal(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::own)) ==
            LedgerError::bad_source);
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
}

TEST_CASE("settle_confirm: only the clearing bank, known windows and legs with something due",
          "[settlement]") {
    SettlementWorld world;
    close_example(world);
    SettleConfirm operation{.window = first,
                            .participant = operator_t,
                            .asset = hkd,
                            .entries = {{"clearing", "2024-12-31", "E1", 400'000}},
                            .source = SettleSource::own};
    REQUIRE(refusal(world.run(settle_confirm, operation, operator_t)) ==
            LedgerError::not_permitted);
    SettleConfirm bad = operation;
    bad.asset = AssetId{9};
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::currency_not_open);
    bad = operation;
    bad.window = WindowId{7};
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::window_not_found);
    bad.window = WindowId{2};
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::window_not_oldest);
    bad = operation;
    bad.participant = operator_g;
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::window_not_found);
    bad = operation;
    bad.entries.clear();
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::bad_reference);
    bad = operation;
    bad.entries.front().booking_date = "2024-02-30";
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::bad_reference);
    bad = operation;
    bad.entries.front().amount = 0;
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::zero_amount);
    bad.entries.front().amount = -5;
    REQUIRE(refusal(world.run(settle_confirm, bad)) == LedgerError::negative_amount);
    REQUIRE(world.run(settle_confirm, operation));
    operation.entries.front().entry_reference = "E2";  // another entry for a leg that is paid
    REQUIRE(refusal(world.run(settle_confirm, operation)) == LedgerError::leg_not_due);
}
