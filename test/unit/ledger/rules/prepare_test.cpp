#include "ledger/rules/prepare.h"

#include <catch2/catch.hpp>

#include "ledger/rules/accept.h"
#include "ledger/rules/open_account.h"
#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

TEST_CASE("prepare: escrows principal and fees and reserves both debtors", "[ledger][prepare]") {
    World world;
    const auto result = world.run(prepare, world.prepare_op(1), alipay);
    REQUIRE(result.has_value());
    CHECK(result->state == RemittanceState::prepared);
    CHECK(result->source == Money{hkd, 100'000});
    CHECK(result->target == Money{php, 747'350});
    CHECK(world.customer(alipay, hkd, 'a') == 898'750);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 101'250);
    // Its own fee does not cross.
    CHECK(world.position(alipay, hkd).reserved == 100'050);
    CHECK(world.position(maker, php).reserved == 747'350);
    CHECK(world.position(alipay, hkd).open == 0);
    const auto remittance = world.state().remittance(uetr(1));
    REQUIRE(remittance.has_value());
    CHECK(remittance->timeline.size() == 1);
    CHECK(remittance->timeline[0].participant == alipay);
    CHECK(remittance->timeline[0].time == world.time());
}

TEST_CASE("prepare: the same operation again moves nothing", "[ledger][prepare]") {
    World world;
    Prepare op = world.prepare_op(1);
    CHECK(world.run(prepare, op, alipay).has_value());
    CHECK(world.run(prepare, op, alipay).has_value());
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 101'250);
    CHECK(world.refusal(prepare, op, gcash) == LedgerError::id_reused);
    op.end_to_end_id = "other";
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::id_reused);
}

TEST_CASE("prepare: a refusal uses up the UETR but neither quote nor nonce", "[ledger][prepare]") {
    World world;
    Prepare op = world.prepare_op(1);
    op.payee_tag = tag('z');
    const RuleResult result = world.run(prepare, op, alipay);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error == LedgerError::wrong_account);
    CHECK(result.error().about == gcash);
    CHECK(result.error().keeps_record);
    record_refused(op, result.error(), world.context(alipay), world.state());
    CHECK(world.state().remittance(uetr(1))->state == RemittanceState::refused);
    // Again gives the first result, also when it would pass by now.
    REQUIRE(world.run(open_account, OpenAccount{php, tag('z')}, gcash).has_value());
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::wrong_account);
    op.uetr = uetr(2);
    CHECK(world.run(prepare, op, alipay).has_value());
}

TEST_CASE("prepare: a field mistake does not use up the UETR", "[ledger][prepare]") {
    World world;
    Prepare op = world.prepare_op(1);
    op.purpose = "fami";
    const RuleResult result = world.run(prepare, op, alipay);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error == LedgerError::bad_purpose);
    CHECK_FALSE(result.error().keeps_record);
    op.purpose = "FAMI";
    op.end_to_end_id = Bytes(36, 'x');
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::bad_reference);
    op.end_to_end_id.clear();
    op.uetr.data[6] = 0x10;
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::not_a_uuid);
}

TEST_CASE("prepare: every participant must be able to take part", "[ledger][prepare]") {
    World world;
    Prepare op = world.prepare_op(1);
    op.payee_operator = {77};
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::not_registered);
    op.payee_operator = maker;
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::not_permitted);
    op.payee_operator = gcash;
    world.set_status(gcash, ParticipantStatus::suspended);
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::participant_suspended);
    world.set_status(gcash, ParticipantStatus::restricted);
    world.set_status(maker, ParticipantStatus::restricted);
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::participant_restricted);
    world.set_status(maker, ParticipantStatus::active);
    world.set_status(alipay, ParticipantStatus::restricted);
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::participant_restricted);
    world.set_status(alipay, ParticipantStatus::active);
    CHECK(world.run(prepare, op, alipay).has_value());
}

TEST_CASE("prepare: policy opens corridors, limits and deadlines", "[ledger][prepare]") {
    World world;
    Prepare op = world.prepare_op(1);
    world.change_policy([](Policy& policy) { policy.corridors[0].single_limit = 99'999; });
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::single_limit);
    world.change_policy([](Policy& policy) { policy.corridors[0].single_limit = 100'000; });
    op.expires_at = world.time();
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::bad_deadline);
    op.expires_at = {world.time().ms + 32'001};
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::bad_deadline);
    op.expires_at = {world.time().ms + 32'000};
    op.target_asset = {9};
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::currency_not_open);
    op.target_asset = php;
    world.change_policy([](Policy& policy) { policy.corridors.erase(policy.corridors.begin()); });
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::currency_not_open);
}

TEST_CASE("prepare: the payer's money must be there", "[ledger][prepare]") {
    World world;
    // 1,000,000 less the fees of 1,250.
    CHECK(world.refusal(prepare, world.prepare_op(1, 998'751), alipay) ==
          LedgerError::insufficient_funds);
    CHECK(world.run(prepare, world.prepare_op(2, 998'750), alipay).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 0);
}

TEST_CASE("prepare: payer's and payee's accounts must be open", "[ledger][prepare]") {
    World world;
    const Prepare op = world.prepare_op(1);
    const AccountId bob = customer_account(gcash, php, tag('b'));
    world.change_account(bob, [](Account& account) { account.frozen_credit = true; });
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::account_frozen);
    world.change_account(bob, [](Account& account) { account.closed = true; });
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::account_closed);
    world.change_account(customer_account(alipay, hkd, tag('a')),
                         [](Account& account) { account.frozen_debit = true; });
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::account_frozen);
}

TEST_CASE("prepare: the payer's operator stays within its cap", "[ledger][prepare]") {
    World world;
    world.fund(alipay, hkd, 'a', 2'000'000);
    // Cap 1,800,000: principal and the bank's fee of 50 count.
    CHECK(world.refusal(prepare, world.prepare_op(1, 1'799'951), alipay) ==
          LedgerError::ndc_exceeded);
    CHECK(world.run(prepare, world.prepare_op(2, 1'799'950), alipay).has_value());
    const RuleResult next = world.run(prepare, world.prepare_op(3, 100), alipay);
    REQUIRE_FALSE(next.has_value());
    CHECK(next.error().error == LedgerError::ndc_exceeded);
    CHECK(next.error().about == alipay);
}

TEST_CASE("prepare: the maker stays within its cap", "[ledger][prepare]") {
    World world;
    world.change_position(maker, php, [](Position& position) { position.cover = 830'388; });
    // Cap 747,349 against 747,350.
    const RuleResult result = world.run(prepare, world.prepare_op(1), alipay);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error == LedgerError::ndc_exceeded);
    CHECK(result.error().about == maker);
    world.change_position(maker, php, [](Position& position) { position.cover = 830'389; });
    CHECK(world.run(prepare, world.prepare_op(2), alipay).has_value());
}

TEST_CASE("prepare: stale cover and unsettled windows stop new debt", "[ledger][prepare]") {
    World world;
    world.state().put(WindowSequence{.open = {3}, .unsettled = {{1}, {2}}});
    CHECK(world.refusal(prepare, world.prepare_op(1), alipay) == LedgerError::settlement_pending);
    world.state().put(WindowSequence{.open = {3}, .unsettled = {{2}}});
    world.change_position(maker, php,
                          [](Position& position) { position.cover_attested.at.ms -= 93'600'001; });
    const RuleResult result = world.run(prepare, world.prepare_op(2), alipay);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error == LedgerError::attestation_stale);
    CHECK(result.error().about == maker);
}

TEST_CASE("prepare: one asset on both sides needs no quote", "[ledger][prepare]") {
    World world;
    REQUIRE(world.run(open_account, OpenAccount{hkd, tag('h')}, gcash).has_value());
    Prepare op = world.prepare_op(1);
    op.target_asset = hkd;
    op.payee_tag = tag('h');
    op.target = op.source;
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::quote_missing);
    op.quotes.clear();
    op.target = op.source - 1;
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::quote_mismatch);
    op.target = op.source;
    CHECK(world.run(prepare, op, alipay).has_value());
    CHECK(world.run(accept, Accept{uetr(1), {}}, gcash).has_value());
    CHECK(world.customer(gcash, hkd, 'h') == 100'000);
    CHECK(world.position(alipay, hkd).open == -100'050);
    CHECK(world.position(gcash, hkd).open == 100'000);
}

TEST_CASE("prepare: two makers chain through an asset between", "[ledger][prepare]") {
    World world;
    Prepare op = world.prepare_op(1);
    Quote first = world.quote(100'000);
    first.target_asset = usd;
    first.rate = parse_rate("0.1287").value();
    first.target = 12'870;
    world.sign(first);
    Quote second = world.quote(12'870);
    second.maker = second_maker;
    second.source_asset = usd;
    second.rate = parse_rate("58.00").value();
    second.target = 746'460;
    second.fees.clear();
    world.sign(second, second_maker);
    op.quotes = {first, second};
    op.target = 746'460;
    world.change_position(maker, usd, [](Position& position) {
        position.cover = 20'000;
        position.cover_attested.at = {1'735'660'800'000};
    });
    REQUIRE(world.run(prepare, op, alipay).has_value());
    CHECK(world.position(maker, usd).reserved == 12'870);
    CHECK(world.position(second_maker, php).reserved == 746'460);
    REQUIRE(world.run(accept, Accept{uetr(1), {}}, gcash).has_value());
    CHECK(world.position(maker, hkd).open == 100'000);
    CHECK(world.position(maker, usd).open == -12'870);
    CHECK(world.position(second_maker, usd).open == 12'870);
    CHECK(world.position(second_maker, php).open == -746'460);
    CHECK(world.customer(gcash, php, 'b') == 746'460);
}
