#include "ledger/rules/settle_fail.h"

#include "ledger/rules/sale.h"
#include "ledger/settlement.h"
#include "test/unit/ledger/rules/settlement_world.h"

using namespace remit::ledger;
using namespace remit::ledger::test;
using remit::ByteView;

namespace {
constexpr WindowId first{1};

void close_example(SettlementWorld& world) {
    world.fund();
    world.send_all();
    world.pass_cut_off();
}

void pay_hkd_in(SettlementWorld& world) {
    REQUIRE(world.confirm(first, operator_a, {hkd, 848'955}, SettleSource::reserve));
    REQUIRE(world.confirm(first, operator_t, {hkd, 400'000}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {hkd, 151'045}, SettleSource::own));
}

/// k = 120 %, M1's cover 90,000.00: its cap of 108,000.00 lets it owe 104,629.00.
SettlementWorld& short_example(SettlementWorld& world) {
    world.fund();
    world.set_cover(maker_1, {php, 9'000'000});
    world.send_all();
    REQUIRE(cap_of(world.position(maker_1, php), world.state().policy()) == 10'800'000);
    world.pass_cut_off();
    pay_hkd_in(world);
    return world;
}

Policy generous() {
    Policy out;
    out.cap_bps = 12'000;
    return out;
}

Minor claim_of(SettlementWorld& world, ParticipantId debtor, AssetId asset,
               ParticipantId creditor) {
    const auto bytes =
        world.delta().get(keys::claim(debtor.value, asset.value, first.value, creditor.value));
    return bytes ? decode<Claim>(*bytes).value().money.minor : 0;
}
}  // namespace

TEST_CASE("settle_fail: T's cover is drawn, M1 is paid in full, T is restricted until topped up",
          "[settlement]") {
    SettlementWorld world;
    close_example(world);
    REQUIRE(refusal(world.fail_leg(first, operator_t, hkd)) == LedgerError::deadline_not_reached);
    world.pass_deadline(first);
    REQUIRE(world.fail_leg(first, operator_t, hkd));
    REQUIRE(world.position(operator_t, hkd).cover == 100'000);
    REQUIRE(world.position(operator_t, hkd).drawn == 400'000);
    REQUIRE(cap_of(world.position(operator_t, hkd), world.state().policy()) == 90'000);
    REQUIRE(world.status(operator_t) == ParticipantStatus::restricted);
    REQUIRE(world.state().leg(first, operator_t, hkd)->state == LegState::drawn);
    // The reserve is never drawn for a failed leg.
    REQUIRE(world.position(operator_t, hkd).reserve == 400'000);

    REQUIRE(world.confirm(first, operator_a, {hkd, 848'955}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {hkd, 151'045}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own));
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    REQUIRE(world.window_state(first) == WindowState::settled);
    REQUIRE(world.status(operator_t) == ParticipantStatus::restricted);

    const auto height = world.height();
    world.next_block();
    REQUIRE(world.attest(true, operator_t, {hkd, 300'000}, AttestationKind::fact, height));
    REQUIRE(world.position(operator_t, hkd).drawn == 200'000);
    REQUIRE(world.status(operator_t) == ParticipantStatus::restricted);
    REQUIRE(world.attest(true, operator_t, {hkd, 500'000}, AttestationKind::fact, height));
    REQUIRE(world.position(operator_t, hkd).drawn == 0);
    REQUIRE(world.status(operator_t) == ParticipantStatus::active);
}

TEST_CASE("settle_fail: who fails in the next window too is suspended", "[settlement]") {
    SettlementWorld world;
    close_example(world);
    world.pass_deadline(first);
    REQUIRE(world.fail_leg(first, operator_t, hkd));
    REQUIRE(world.confirm(first, operator_a, {hkd, 848'955}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {hkd, 151'045}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_1, {php, 10'462'900}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own));
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    world.on_ramp(operator_t, {hkd, 50'000});
    world.send({operator_t, maker_1, operator_g, {hkd, 50'000}, {php, 373'675}});
    world.pass_cut_off();
    const WindowId second{2};
    world.pass_deadline(second);
    REQUIRE(world.fail_leg(second, operator_t, hkd));
    REQUIRE(world.status(operator_t) == ParticipantStatus::suspended);
    REQUIRE(world.position(operator_t, hkd).cover == 50'000);
}

TEST_CASE("settle_fail: M1's drawn PHP cover locks its HKD pay-out until it is restored",
          "[settlement]") {
    SettlementWorld world;
    close_example(world);
    pay_hkd_in(world);
    world.pass_deadline(first);
    REQUIRE(world.fail_leg(first, maker_1, php));
    REQUIRE(world.position(maker_1, php).cover == 4'537'100);
    REQUIRE(world.position(maker_1, php).due_of(first) == 0);
    REQUIRE(refusal(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::own)) ==
            LedgerError::bad_source);
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::cover));
    REQUIRE(world.position(maker_1, hkd).cover == 1'400'000);
    REQUIRE(world.position(maker_1, hkd).locked == 1'400'000);
    REQUIRE(cap_of(world.position(maker_1, hkd), world.state().policy()) == 0);
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    REQUIRE(world.window_state(first) == WindowState::settled);
    REQUIRE(world.clearing(hkd) == 0);
    REQUIRE(world.clearing(php) == 0);

    const auto height = world.height();
    world.next_block();
    REQUIRE(world.attest(true, maker_1, {php, 15'000'000}, AttestationKind::fact, height));
    REQUIRE(world.position(maker_1, hkd).locked == 0);
    REQUIRE(cap_of(world.position(maker_1, hkd), world.state().policy()) == 1'260'000);
    REQUIRE(world.status(maker_1) == ParticipantStatus::active);
}

TEST_CASE("settle_fail: a short leg sells credits at the mark less haircut, the rest is locked",
          "[settlement]") {
    SettlementWorld world(generous());
    short_example(world);
    world.pass_deadline(first);
    REQUIRE(refusal(world.fail_leg(first, maker_1, php)) == LedgerError::rate_not_marked);
    world.mark(hkd, php, "7.4735");
    REQUIRE(world.fail_leg(first, maker_1, php));
    REQUIRE(world.position(maker_1, php).cover == 0);
    REQUIRE(world.position(maker_1, php).drawn == 9'000'000);
    REQUIRE(world.position(maker_1, php).due_of(first) == 0);
    REQUIRE(world.position(maker_1, hkd).due_of(first) == 1'400'000 - 206'048);
    REQUIRE(world.clearing(php) == -10'462'900);
    REQUIRE(world.clearing(hkd) == -(1'400'000 - 206'048));
    REQUIRE(world.state().leg(first, maker_1, php)->state == LegState::short_leg);
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'193'952}, SettleSource::cover));
    REQUIRE(world.position(maker_1, hkd).locked == 1'193'952);
    REQUIRE(world.confirm(first, operator_g, {php, 9'331'836}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    REQUIRE(world.window_state(first) == WindowState::settled);
    REQUIRE(world.clearing(hkd) == 0);
    REQUIRE(world.sum_of_accounts(hkd) == 0);
    REQUIRE(world.sum_of_accounts(php) == 0);
    // Only governance ends a restriction after a short leg.
    const auto height = world.height();
    world.next_block();
    REQUIRE(world.attest(true, maker_1, {php, 9'000'000}, AttestationKind::fact, height));
    REQUIRE(world.status(maker_1) == ParticipantStatus::restricted);
}

TEST_CASE("settle_fail: a bank sells no credit whose cash is at another bank", "[settlement]") {
    SettlementWorld world(generous());
    short_example(world);
    world.pass_deadline(first);
    world.mark(hkd, php, "7.4735");
    // As if another bank had issued HKD all along.
    Asset other = *world.state().asset(hkd);
    other.issuer = ParticipantId{9};
    world.state().put(other);
    const AccountId clearing = own_account(other.issuer, hkd, AccountKind::clearing);
    world.state().put(Account{.id = clearing, .balance = -1'400'000});
    REQUIRE(world.fail_leg(first, maker_1, php, "LINE-1"));
    REQUIRE(world.position(maker_1, hkd).due_of(first) == 1'400'000);
    REQUIRE(world.state().balance(clearing) == -1'400'000);
    const auto line = world.delta().get(keys::bank_line(maker_1.value, php.value, first.value));
    REQUIRE(line);
    REQUIRE(decode<BankLine>(*line)->money.minor == 1'462'900);
}

TEST_CASE("settle_fail: a bank that fails itself buys nothing from itself", "[settlement]") {
    SettlementWorld world(generous());
    short_example(world);
    world.pass_deadline(first);
    world.mark(hkd, php, "0.0001");  // its own mark, and a bad one for its creditors
    for (const AssetId asset : {hkd, php}) {
        Asset own = *world.state().asset(asset);
        own.issuer = maker_1;
        world.state().put(own);
    }
    const AccountId clearing = own_account(maker_1, hkd, AccountKind::clearing);
    world.state().put(Account{.id = clearing, .balance = -1'400'000});
    const SettleFail operation{
        .window = first, .participant = maker_1, .asset = php, .bank_line_reference = {}};
    REQUIRE(world.run(settle_fail, operation, maker_1));
    REQUIRE(world.position(maker_1, hkd).due_of(first) == 1'400'000);
    REQUIRE(world.state().balance(clearing) == -1'400'000);
    REQUIRE(claim_of(world, maker_1, php, operator_g) + claim_of(world, maker_1, php, maker_2) ==
            1'462'900);
}

TEST_CASE("settle_fail: what nothing covers goes to the bank's line when it names one",
          "[settlement]") {
    SettlementWorld sold(generous());
    short_example(sold);
    sold.pass_deadline(first);
    sold.mark(hkd, php, "7.4735");
    // HKD is paid in, so the sale comes first and leaves the line nothing to give.
    REQUIRE(sold.fail_leg(first, maker_1, php, "LINE-1"));
    REQUIRE_FALSE(sold.delta().get(keys::bank_line(maker_1.value, php.value, first.value)));
    REQUIRE(sold.position(maker_1, hkd).due_of(first) == 1'193'952);

    // Without cash in CLEARING nothing can be sold yet.
    SettlementWorld dry(generous());
    dry.fund();
    dry.set_cover(maker_1, {php, 9'000'000});
    dry.send_all();
    dry.pass_cut_off();
    dry.pass_deadline(first);
    REQUIRE(dry.fail_leg(first, maker_1, php, "LINE-1"));
    const auto line = dry.delta().get(keys::bank_line(maker_1.value, php.value, first.value));
    REQUIRE(line);
    REQUIRE(decode<BankLine>(*line)->money.minor == 1'462'900);
    REQUIRE(dry.position(maker_1, hkd).due_of(first) == 1'400'000);
    REQUIRE(dry.clearing(php) == -10'462'900);
    // The same operation again changes nothing; its reference serves no other.
    REQUIRE(dry.fail_leg(first, maker_1, php, "LINE-1"));
    REQUIRE(dry.clearing(php) == -10'462'900);
    REQUIRE(dry.fail_leg(first, operator_t, hkd));
}

TEST_CASE("settle_fail: the last loss is shared by what each has to get from the failed one",
          "[settlement]") {
    SettlementWorld world(generous());
    world.fund();
    world.set_cover(maker_1, {php, 9'000'000});
    world.send_all();
    world.pass_cut_off();
    world.pass_deadline(first);
    // No HKD is in, so nothing can be sold: 14,629.00 PHP stay open, all of it owed to G.
    REQUIRE(world.fail_leg(first, maker_1, php));
    REQUIRE(claim_of(world, maker_1, php, operator_g) == 1'462'900);
    REQUIRE(claim_of(world, maker_1, php, maker_2) == 0);
    REQUIRE(world.position(operator_g, php).due_of(first) == 9'331'836 - 1'462'900);
    REQUIRE(world.position(maker_1, php).due_of(first) == 0);
    // G's customers' tokens are short of cash until it restores them: SHORTFALL shows once the
    // pay-out is smaller than what the tokens need.
    REQUIRE(world.settlement(operator_g, php) == -3'000'000 - 1'462'900);
    REQUIRE(world.position(operator_g, php).shortfall);
    REQUIRE(world.status(operator_g) == ParticipantStatus::restricted);
    pay_hkd_in(world);
    REQUIRE(world.confirm(first, operator_g, {php, 7'868'936}, SettleSource::reserve));
    REQUIRE(world.confirm(first, maker_2, {php, 1'131'064}, SettleSource::own));
    REQUIRE(world.confirm(first, maker_1, {hkd, 1'400'000}, SettleSource::cover));
    REQUIRE(world.window_state(first) == WindowState::settled);
    REQUIRE(world.clearing(php) == 0);
    REQUIRE(world.sum_of_accounts(php) == 0);
}

TEST_CASE("settle_fail: what falls short is taken in id order", "[settlement]") {
    SettlementWorld world(generous());
    world.fund();
    world.set_cover(operator_a, {hkd, 0});
    world.set_cover(operator_t, {hkd, 0});
    world.send_all();
    world.pass_cut_off();
    world.pass_deadline(first);
    REQUIRE(refusal(world.fail_leg(first, operator_t, hkd, "L2")) == LedgerError::pay_in_first);
    REQUIRE(world.fail_leg(first, operator_a, hkd, "L1"));
    REQUIRE(refusal(world.fail_leg(first, operator_t, hkd, "L1")) == LedgerError::id_reused);
    REQUIRE(world.fail_leg(first, operator_t, hkd, "L2"));
    // One whose cover is enough need not wait for its turn.
    SettlementWorld other;
    close_example(other);
    other.pass_deadline(first);
    REQUIRE(other.fail_leg(first, maker_2, hkd));
}

TEST_CASE("settle_fail: a failed operator's pay-out feeds its reserve first", "[settlement]") {
    // G fails an HKD leg and is owed PHP that backs its customers' tokens.
    SettlementWorld world;
    world.fund();
    world.send_all();
    world.set_cover(operator_g, {hkd, 20'000});
    world.on_ramp(operator_g, {hkd, 10'000});
    world.send({operator_g, maker_1, operator_g, {hkd, 10'000}, {php, 70'000}});
    world.pass_cut_off();
    world.pass_deadline(first);
    REQUIRE(world.fail_leg(first, operator_g, hkd));
    REQUIRE(world.confirm(first, maker_1, {php, 10'532'900}, SettleSource::own));
    REQUIRE(world.confirm(first, operator_g, {php, 9'401'836}, SettleSource::cover));
    // Every peso of it backs tokens, so none is locked.
    REQUIRE(world.position(operator_g, php).reserve == 12'401'836);
    REQUIRE(world.position(operator_g, php).locked == 0);
    REQUIRE_FALSE(world.position(operator_g, php).shortfall);
}

TEST_CASE("settle_fail: only the bank, only what is owed", "[settlement]") {
    SettlementWorld world;
    close_example(world);
    world.pass_deadline(first);
    REQUIRE(refusal(world.run(settle_fail, SettleFail{first, operator_t, hkd, {}}, operator_a)) ==
            LedgerError::not_permitted);
    REQUIRE(refusal(world.fail_leg(first, maker_1, hkd)) == LedgerError::leg_not_due);
    REQUIRE(refusal(world.fail_leg({9}, operator_t, hkd)) == LedgerError::window_not_found);
    REQUIRE(world.fail_leg(first, operator_t, hkd));
    REQUIRE(refusal(world.fail_leg(first, operator_t, hkd)) == LedgerError::leg_not_due);
}

TEST_CASE("sale: rounds what is sold up and what a whole credit brings down", "[settlement]") {
    const SaleTerms terms{.exponent_sold = 2, .exponent_short = 2, .haircut_bps = 500};
    const Rate mark{74'735, 4};
    // 14,629.00 / (7.4735 x 0.95) = 2,060.4746...
    REQUIRE(sell(1'400'000, 1'462'900, price_by_bid(mark, terms)).sold == 206'048);
    REQUIRE(sell(1'400'000, 1'462'900, price_by_bid(mark, terms)).proceeds == 1'462'900);
    // 1,000.00 x 7.4735 x 0.95 = 7,099.825
    const Sale whole = sell(100'000, 1'462'900, price_by_bid(mark, terms));
    REQUIRE(whole.sold == 100'000);
    REQUIRE(whole.proceeds == 709'982);
    // The mark the other way round, 7.4735 sold for 1 short: 10.00 x 7.4735 / 0.95 = 78.668...
    const Sale inverse = sell(1'000'000, 1'000, price_by_ask(Rate{74'735, 4}, terms));
    REQUIRE(inverse.sold == 7'867);
    REQUIRE(sell(1, 1'000'000, price_by_bid(Rate{1, 10}, terms)).sold == 0);
    // Yen have no decimals: 1,000 JPY at 0.05 HKD... sold in JPY for HKD.
    const SaleTerms yen{.exponent_sold = 0, .exponent_short = 2, .haircut_bps = 0};
    REQUIRE(sell(1'000'000, 5'000, price_by_bid(Rate{5, 2}, yen)).sold == 1'000);
}
