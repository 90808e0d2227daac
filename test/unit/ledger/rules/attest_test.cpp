#include "ledger/rules/attest_cover.h"
#include "ledger/rules/attest_reserve.h"
#include "ledger/rules/cash.h"
#include "test/unit/ledger/rules/settlement_world.h"

using namespace remit::ledger;
using namespace remit::ledger::test;

namespace {
constexpr auto fact = AttestationKind::fact;
constexpr auto release = AttestationKind::release;

AttestationClaim claim_for_t(Minor balance, const char* statement = "S-1") {
    return {.participant = operator_t,
            .asset = hkd,
            .kind = fact,
            .balance = balance,
            .as_of_height = 1,
            .statement_reference = statement};
}
}  // namespace

TEST_CASE("attest_cover: a FACT sets the figure, fresh from the block's time") {
    SettlementWorld world;
    world.next_block();
    REQUIRE(world.run(attest_cover, AttestCover{claim_for_t(500'000)}));
    const Position position = world.position(operator_t, hkd);
    REQUIRE(position.cover == 500'000);
    REQUIRE(position.cover_attested.as_of_height == 1);
    REQUIRE(position.cover_attested.at == world.time());
    REQUIRE_FALSE(position.reserve_attested.present());
    REQUIRE(cap_of(position, world.state().policy()) == 450'000);
}

TEST_CASE("attest: each refusal has its own error") {
    SettlementWorld world;
    world.next_block();
    const auto attempt = [&](AttestationClaim claim, ParticipantId signer = bank) {
        return refusal(world.run(attest_reserve, AttestReserve{claim}, signer));
    };
    AttestationClaim claim = claim_for_t(100);
    claim.asset = AssetId{9};
    REQUIRE(attempt(claim) == LedgerError::currency_not_open);
    REQUIRE(attempt(claim_for_t(100), operator_a) == LedgerError::not_permitted);
    claim = claim_for_t(100);
    claim.participant = ParticipantId{99};
    REQUIRE(attempt(claim) == LedgerError::not_registered);
    claim.participant = bank;
    REQUIRE(attempt(claim) == LedgerError::own_attestation);
    claim = claim_for_t(100);
    claim.kind = AttestationKind::unspecified;
    REQUIRE(attempt(claim) == LedgerError::bad_encoding);
    REQUIRE(attempt(claim_for_t(100, "")) == LedgerError::bad_reference);
    REQUIRE(attempt(claim_for_t(-1)) == LedgerError::negative_amount);
    REQUIRE(attempt(claim_for_t(amount_max + 1)) == LedgerError::amount_too_large);
    claim = claim_for_t(100);
    claim.as_of_height = world.height();
    REQUIRE(attempt(claim) == LedgerError::attestation_height);
    claim = claim_for_t(100);
    claim.kind = release;
    REQUIRE(attempt(claim) == LedgerError::amount_differs);
}

TEST_CASE("attest: a statement counts once; the same attestation again changes nothing") {
    SettlementWorld world;
    world.next_block();
    REQUIRE(world.run(attest_cover, AttestCover{claim_for_t(500'000)}));
    REQUIRE(refusal(world.run(attest_cover, AttestCover{claim_for_t(600'000)})) ==
            LedgerError::id_reused);
    REQUIRE(refusal(world.run(attest_reserve, AttestReserve{claim_for_t(500'000)})) ==
            LedgerError::id_reused);
    REQUIRE(world.run(attest_cover, AttestCover{claim_for_t(400'000, "S-2")}));
    REQUIRE(world.run(attest_cover, AttestCover{claim_for_t(500'000)}));
    REQUIRE(world.position(operator_t, hkd).cover == 400'000);
}

TEST_CASE("attest: the as-of height never falls") {
    SettlementWorld world;
    world.next_block();
    world.next_block();
    world.next_block();
    REQUIRE(world.attest(true, operator_t, {hkd, 100}, fact, 3));
    REQUIRE(refusal(world.attest(true, operator_t, {hkd, 100}, fact, 2)) ==
            LedgerError::attestation_height);
    REQUIRE(world.attest(true, operator_t, {hkd, 200}, fact, 3));
    REQUIRE(world.attest(false, operator_t, {hkd, 100}, fact, 2));
}

TEST_CASE("attest: movements after the as-of height are added to the balance") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    world.pass_cut_off();
    const auto before_pay_in = world.height();
    world.next_block();
    REQUIRE(world.confirm({1}, operator_a, {hkd, 848'955}, SettleSource::reserve));
    const auto at_pay_in = world.height();
    world.next_block();
    // The statement was drawn up before the pay-in was booked.
    REQUIRE(world.attest(false, operator_a, {hkd, 1'250'055}, fact, before_pay_in));
    REQUIRE(world.position(operator_a, hkd).reserve == 401'100);
    // The next one holds it already.
    REQUIRE(world.attest(false, operator_a, {hkd, 401'100}, fact, at_pay_in));
    REQUIRE(world.position(operator_a, hkd).reserve == 401'100);
    const CashAccount account{operator_a, hkd, keys::CashBook::reserve};
    REQUIRE(movements_after(world.state(), account, 0) == 0);
    // A balance below what has left since gives 0, not a negative figure.
    world.next_block();
    REQUIRE(world.attest(false, operator_g, {php, 0}, fact, at_pay_in));
    REQUIRE(world.position(operator_g, php).reserve == 0);
}

TEST_CASE("attest_cover: a RELEASE must leave what is owed and reserved within the cap") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    world.next_block();
    // T owes 4,000.00: it needs cover of 4,444.45, since 90 % of 4,444.44 is 3,999.99.
    REQUIRE(refusal(world.attest(true, operator_t, {hkd, 444'444}, release, 1)) ==
            LedgerError::ndc_exceeded);
    REQUIRE(world.position(operator_t, hkd).cover == 500'000);
    REQUIRE(world.attest(true, operator_t, {hkd, 444'445}, release, 1));
    REQUIRE(world.position(operator_t, hkd).cover == 444'445);
    Position position = world.position(operator_a, hkd);
    position.reserved = 951'045;
    world.state().put(position);
    REQUIRE(refusal(world.attest(true, operator_a, {hkd, 1'999'999}, release, 1)) ==
            LedgerError::ndc_exceeded);
    position.reserved = 0;
    position.locked = 100'000;
    world.state().put(position);
    REQUIRE(world.attest(true, operator_a, {hkd, 1'100'000}, release, 1));
    REQUIRE(world.position(operator_a, hkd).locked == 100'000);
}

TEST_CASE("attest_cover: a fallen FACT sets OVER_CAP and restricts, until it rises again") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    world.next_block();
    REQUIRE(world.attest(true, operator_t, {hkd, 444'444}, fact, 1));
    REQUIRE(world.position(operator_t, hkd).over_cap);
    REQUIRE(world.status(operator_t) == ParticipantStatus::restricted);
    REQUIRE(world.attest(true, operator_t, {hkd, 444'445}, fact, 1));
    REQUIRE_FALSE(world.position(operator_t, hkd).over_cap);
    REQUIRE(world.status(operator_t) == ParticipantStatus::active);
}

TEST_CASE("attest_reserve: a RELEASE keeps tokens safeguarded, a FACT sets SHORTFALL") {
    SettlementWorld world;
    world.fund();
    world.next_block();
    REQUIRE(refusal(world.attest(false, operator_g, {php, 2'999'999}, release, 1)) ==
            LedgerError::reserve_exceeded);
    REQUIRE(world.attest(false, operator_g, {php, 3'000'000}, release, 1));
    REQUIRE_FALSE(world.position(operator_g, php).shortfall);
    REQUIRE(world.attest(false, operator_g, {php, 2'999'999}, fact, 1));
    REQUIRE(world.position(operator_g, php).shortfall);
    REQUIRE(world.status(operator_g) == ParticipantStatus::restricted);
    REQUIRE(world.attest(false, operator_g, {php, 3'000'001}, fact, 1));
    REQUIRE_FALSE(world.position(operator_g, php).shortfall);
    REQUIRE(world.status(operator_g) == ParticipantStatus::active);
}

TEST_CASE("attest: a restriction that governance set does not end by itself") {
    SettlementWorld world;
    world.fund();
    world.next_block();
    Participant record = *world.state().participant(operator_g);
    record.status = ParticipantStatus::restricted;
    world.state().put(record);
    REQUIRE(world.attest(false, operator_g, {php, 1}, fact, 1));
    REQUIRE(world.attest(false, operator_g, {php, 3'000'000}, fact, 1));
    REQUIRE(world.status(operator_g) == ParticipantStatus::restricted);
}
