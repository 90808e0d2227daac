#include <catch2/catch.hpp>

#include "ledger/rules/bank_mark.h"
#include "ledger/rules/defund_wallet.h"
#include "ledger/rules/fund_wallet.h"
#include "ledger/rules/open_account.h"
#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
FundWallet fund_op(Minor amount, const char* reference = "fiat-1") {
    return {.asset = hkd, .tag = tag('a'), .amount = amount, .fiat_reference = reference};
}
DefundWallet lock_op(unsigned number, Minor amount) {
    return {.step = DefundStep::lock,
            .payout_id = uetr(number),
            .asset = hkd,
            .tag = tag('a'),
            .amount = amount};
}
DefundWallet final_op(unsigned number, const char* reference) {
    return {.step = DefundStep::final, .payout_id = uetr(number), .rail_reference = reference};
}
DefundWallet cancel_op(unsigned number) {
    return {.step = DefundStep::cancel, .payout_id = uetr(number)};
}
}  // namespace

TEST_CASE("open_account: opens once, for operators in business", "[ledger][open_account]") {
    World world;
    CHECK(world.run(open_account, OpenAccount{hkd, tag('x')}, alipay).has_value());
    CHECK(world.customer(alipay, hkd, 'x') == 0);
    CHECK(world.position(alipay, hkd).holds_customers);
    CHECK(world.refusal(open_account, OpenAccount{hkd, tag('x')}, alipay) ==
          LedgerError::account_exists);
    CHECK(world.refusal(open_account, OpenAccount{hkd, {}}, alipay) == LedgerError::wrong_account);
    CHECK(world.refusal(open_account, OpenAccount{{9}, tag('y')}, alipay) ==
          LedgerError::currency_not_open);
    CHECK(world.refusal(open_account, OpenAccount{hkd, tag('y')}, maker) ==
          LedgerError::not_permitted);
    world.set_status(alipay, ParticipantStatus::suspended);
    CHECK(world.refusal(open_account, OpenAccount{hkd, tag('y')}, alipay) ==
          LedgerError::participant_suspended);
}

TEST_CASE("fund_wallet: makes tokens against the operator's settlement account",
          "[ledger][fund_wallet]") {
    World world;
    CHECK(world.run(fund_wallet, fund_op(50'000), alipay).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 1'050'000);
    CHECK(world.own(alipay, hkd, AccountKind::settlement) == -1'050'000);
    CHECK(world.position(alipay, hkd).open == 0);
}

TEST_CASE("fund_wallet: one fiat reference makes tokens once", "[ledger][fund_wallet]") {
    World world;
    CHECK(world.run(fund_wallet, fund_op(50'000), alipay).has_value());
    CHECK(world.run(fund_wallet, fund_op(50'000), alipay).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 1'050'000);
    CHECK(world.refusal(fund_wallet, fund_op(50'001), alipay) == LedgerError::id_reused);
}

TEST_CASE("fund_wallet: tokens never exceed the reserve", "[ledger][fund_wallet]") {
    World world;
    CHECK(world.refusal(fund_wallet, fund_op(4'000'001), alipay) == LedgerError::reserve_exceeded);
    CHECK(world.run(fund_wallet, fund_op(4'000'000), alipay).has_value());
    CHECK(world.refusal(fund_wallet, fund_op(1, "fiat-2"), alipay) ==
          LedgerError::reserve_exceeded);
}

TEST_CASE("fund_wallet: refuses in the order of the checks", "[ledger][fund_wallet]") {
    World world;
    CHECK(world.refusal(fund_wallet, fund_op(1, ""), alipay) == LedgerError::bad_reference);
    CHECK(world.refusal(fund_wallet, fund_op(1, "a\nb"), alipay) == LedgerError::bad_reference);
    FundWallet op = fund_op(1);
    op.asset = {9};
    CHECK(world.refusal(fund_wallet, op, alipay) == LedgerError::currency_not_open);
    op = fund_op(1);
    op.tag = tag('z');
    CHECK(world.refusal(fund_wallet, op, alipay) == LedgerError::wrong_account);
    CHECK(world.refusal(fund_wallet, fund_op(0), alipay) == LedgerError::zero_amount);
    CHECK(world.refusal(fund_wallet, fund_op(-1), alipay) == LedgerError::negative_amount);
    CHECK(world.refusal(fund_wallet, fund_op(amount_max + 1), alipay) ==
          LedgerError::amount_too_large);
    const AccountId alice = customer_account(alipay, hkd, tag('a'));
    world.change_account(alice, [](Account& account) { account.frozen_credit = true; });
    CHECK(world.refusal(fund_wallet, fund_op(1), alipay) == LedgerError::account_frozen);
    world.change_account(alice, [](Account& account) { account.closed = true; });
    CHECK(world.refusal(fund_wallet, fund_op(1), alipay) == LedgerError::account_closed);
    world.set_status(alipay, ParticipantStatus::suspended);
    CHECK(world.refusal(fund_wallet, fund_op(1), alipay) == LedgerError::participant_suspended);
}

TEST_CASE("fund_wallet: stops when the reserve attestation is stale", "[ledger][fund_wallet]") {
    World world;
    world.wait(93'600'000);
    CHECK(world.run(fund_wallet, fund_op(1), alipay).has_value());
    world.wait(1);
    CHECK(world.refusal(fund_wallet, fund_op(1, "fiat-2"), alipay) ==
          LedgerError::attestation_stale);
}

TEST_CASE("defund_wallet: locks, then ends the tokens", "[ledger][defund_wallet]") {
    World world;
    CHECK(world.run(defund_wallet, lock_op(1, 30'000), alipay).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 970'000);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 30'000);
    CHECK(world.run(defund_wallet, lock_op(1, 30'000), alipay).has_value());
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 30'000);
    CHECK(world.refusal(defund_wallet, lock_op(1, 30'001), alipay) == LedgerError::id_reused);

    CHECK(world.run(defund_wallet, final_op(1, "rail-1"), alipay).has_value());
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 0);
    CHECK(world.own(alipay, hkd, AccountKind::settlement) == -970'000);
    CHECK(world.run(defund_wallet, final_op(1, "rail-1"), alipay).has_value());
    CHECK(world.own(alipay, hkd, AccountKind::settlement) == -970'000);
    CHECK(world.refusal(defund_wallet, final_op(1, "rail-2"), alipay) == LedgerError::id_reused);
    CHECK(world.refusal(defund_wallet, cancel_op(1), alipay) == LedgerError::wrong_state);
}

TEST_CASE("defund_wallet: a cancelled payout comes back once", "[ledger][defund_wallet]") {
    World world;
    CHECK(world.run(defund_wallet, lock_op(1, 30'000), alipay).has_value());
    CHECK(world.run(defund_wallet, cancel_op(1), alipay).has_value());
    CHECK(world.run(defund_wallet, cancel_op(1), alipay).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 1'000'000);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 0);
    CHECK(world.refusal(defund_wallet, final_op(1, "rail-1"), alipay) == LedgerError::wrong_state);
}

TEST_CASE("defund_wallet: a closed account's money goes to suspense", "[ledger][defund_wallet]") {
    World world;
    CHECK(world.run(defund_wallet, lock_op(1, 30'000), alipay).has_value());
    world.change_account(customer_account(alipay, hkd, tag('a')),
                         [](Account& account) { account.closed = true; });
    CHECK(world.run(defund_wallet, cancel_op(1), alipay).has_value());
    CHECK(world.own(alipay, hkd, AccountKind::suspense) == 30'000);
}

TEST_CASE("defund_wallet: refuses what is not there", "[ledger][defund_wallet]") {
    World world;
    CHECK(world.refusal(defund_wallet, DefundWallet{}, alipay) == LedgerError::bad_encoding);
    CHECK(world.refusal(defund_wallet, cancel_op(1), alipay) == LedgerError::payout_not_found);
    CHECK(world.refusal(defund_wallet, lock_op(1, 1'000'001), alipay) ==
          LedgerError::insufficient_funds);
    CHECK(world.refusal(defund_wallet, lock_op(1, 0), alipay) == LedgerError::zero_amount);
    CHECK(world.run(defund_wallet, lock_op(1, 1), alipay).has_value());
    CHECK(world.run(defund_wallet, lock_op(2, 1), alipay).has_value());
    CHECK(world.refusal(defund_wallet, final_op(1, ""), alipay) == LedgerError::bad_reference);
    CHECK(world.run(defund_wallet, final_op(1, "rail-1"), alipay).has_value());
    CHECK(world.refusal(defund_wallet, final_op(2, "rail-1"), alipay) ==
          LedgerError::reference_used);
    DefundWallet of_fees = lock_op(3, 1);
    of_fees.tag.reset();
    CHECK(world.refusal(defund_wallet, of_fees, alipay) == LedgerError::insufficient_funds);
    world.change_account(customer_account(alipay, hkd, tag('a')),
                         [](Account& account) { account.frozen_debit = true; });
    CHECK(world.refusal(defund_wallet, lock_op(4, 1), alipay) == LedgerError::account_frozen);
}

TEST_CASE("bank_mark: a bank speaks only for pairs with an asset of its own",
          "[ledger][bank_mark]") {
    World world;
    const BankMark op{.mark_id = 2,
                      .source = hkd,
                      .target = php,
                      .bid = {747, 2},
                      .ask = {748, 2},
                      .valid_from = world.time(),
                      .valid_to = {world.time().ms + 1000}};
    CHECK(world.refusal(bank_mark, op, alipay) == LedgerError::not_permitted);
    Asset asset = *world.state().asset(php);
    asset.issuer = alipay;
    world.state().put(asset);
    CHECK(world.run(bank_mark, op, alipay).has_value());
}

TEST_CASE("bank_mark: marks rise, and the next one replaces the last", "[ledger][bank_mark]") {
    World world;
    BankMark op{.mark_id = 2,
                .source = hkd,
                .target = php,
                .bid = {747, 2},
                .ask = {748, 2},
                .valid_from = world.time(),
                .valid_to = {world.time().ms + 1000}};
    CHECK(world.run(bank_mark, op, bank).has_value());
    CHECK(world.state().mark(hkd, php)->mark_id == 2);
    CHECK(world.state().mark(hkd, php, 1)->superseded_at == world.time());
    CHECK(world.run(bank_mark, op, bank).has_value());
    op.ask = {749, 2};
    CHECK(world.refusal(bank_mark, op, bank) == LedgerError::mark_not_rising);
    op.mark_id = 3;
    op.bid = {750, 2};
    CHECK(world.refusal(bank_mark, op, bank) == LedgerError::bad_rate);
    op.bid = {0, 0};
    CHECK(world.refusal(bank_mark, op, bank) == LedgerError::bad_rate);
    op.valid_to = world.time();
    CHECK(world.refusal(bank_mark, op, bank) == LedgerError::bad_deadline);
    op.target = hkd;
    CHECK(world.refusal(bank_mark, op, bank) == LedgerError::currency_not_open);
}
