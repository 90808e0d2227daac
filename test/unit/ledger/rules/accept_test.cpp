#include "ledger/rules/accept.h"

#include <catch2/catch.hpp>

#include "ledger/rules/confirm_credit.h"
#include "ledger/rules/expire.h"
#include "ledger/rules/fail_credit.h"
#include "ledger/rules/prepare.h"
#include "ledger/rules/reject.h"
#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
void prepare_one(World& world) {
    REQUIRE(world.run(prepare, world.prepare_op(1), alipay).has_value());
}
RemittanceState state_of(World& world) {
    return world.state().remittance(uetr(1))->state;
}
}  // namespace

TEST_CASE("accept: both legs and every fee commit at once", "[ledger][accept]") {
    World world;
    prepare_one(world);
    const auto result = world.run(accept, Accept{uetr(1), {}}, gcash);
    REQUIRE(result.has_value());
    CHECK(result->state == RemittanceState::committed);
    CHECK(world.customer(alipay, hkd, 'a') == 898'750);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 0);
    CHECK(world.own(alipay, hkd, AccountKind::fee) == 1'200);
    CHECK(world.own(bank, hkd, AccountKind::fee) == 50);
    CHECK(world.own(maker, hkd, AccountKind::settlement) == 100'000);
    CHECK(world.own(maker, php, AccountKind::settlement) == -747'350);
    CHECK(world.customer(gcash, php, 'b') == 747'350);
    CHECK(world.position(alipay, hkd).open == -100'050);
    CHECK(world.position(maker, hkd).open == 100'000);
    CHECK(world.position(bank, hkd).open == 50);
    CHECK(world.position(maker, php).open == -747'350);
    CHECK(world.position(gcash, php).open == 747'350);
    CHECK(world.position(alipay, hkd).reserved == 0);
    CHECK(world.position(maker, php).reserved == 0);
    const auto remittance = world.state().remittance(uetr(1));
    CHECK(remittance->window == WindowId{1});
    CHECK(remittance->timeline.back().participant == gcash);
}

TEST_CASE("accept: only the payee's operator, and once", "[ledger][accept]") {
    World world;
    CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::remittance_not_found);
    prepare_one(world);
    CHECK(world.refusal(accept, Accept{uetr(1), {}}, alipay) == LedgerError::not_yours);
    CHECK(world.run(accept, Accept{uetr(1), {}}, gcash).has_value());
    CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::wrong_state);
}

TEST_CASE("accept: late by a millisecond is late", "[ledger][accept]") {
    World world;
    prepare_one(world);
    world.wait(29'999);
    SECTION("in time") {
        CHECK(world.run(accept, Accept{uetr(1), {}}, gcash).has_value());
    }
    SECTION("late, whether the sweep has come or not") {
        world.wait(1);
        CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::late_accept);
        world.sweep();
        CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::late_accept);
    }
}

TEST_CASE("accept: a suspended side or a freeze stops it, not the way home", "[ledger][accept]") {
    World world;
    prepare_one(world);
    for (const ParticipantId side : {alipay, gcash, maker}) {
        world.set_status(side, ParticipantStatus::suspended);
        CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) ==
              LedgerError::participant_suspended);
        world.set_status(side, ParticipantStatus::restricted);
    }
    const AccountId bob = customer_account(gcash, php, tag('b'));
    world.change_account(bob, [](Account& account) { account.frozen_credit = true; });
    CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::account_frozen);
    world.change_account(bob, [](Account& account) { account.frozen_credit = false; });
    world.change_account(customer_account(alipay, hkd, tag('a')),
                         [](Account& account) { account.frozen_debit = true; });
    CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::account_frozen);
    world.wait(30'000);
    CHECK(world.sweep().size() == 1);
    CHECK(world.customer(alipay, hkd, 'a') == 1'000'000);
}

TEST_CASE("accept: a cap that fell leaves the remittance prepared", "[ledger][accept]") {
    World world;
    prepare_one(world);
    world.change_position(maker, php, [](Position& position) { position.cover = 0; });
    const RuleResult result = world.run(accept, Accept{uetr(1), {}}, gcash);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error == LedgerError::ndc_exceeded);
    CHECK(result.error().about == maker);
    CHECK(state_of(world) == RemittanceState::prepared);
    CHECK(world.position(maker, php).reserved == 747'350);
}

TEST_CASE("reject: the money goes home by itself", "[ledger][reject]") {
    World world;
    prepare_one(world);
    CHECK(world.refusal(reject, Reject{uetr(1), "ac4"}, gcash) == LedgerError::bad_reason);
    CHECK(world.refusal(reject, Reject{uetr(1), "AC04"}, alipay) == LedgerError::not_yours);
    CHECK(world.refusal(reject, Reject{uetr(2), "AC04"}, gcash) ==
          LedgerError::remittance_not_found);
    CHECK(world.run(reject, Reject{uetr(1), "AC04"}, gcash).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 1'000'000);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 0);
    CHECK(world.position(alipay, hkd).reserved == 0);
    CHECK(world.position(maker, php).reserved == 0);
    CHECK(state_of(world) == RemittanceState::rejected);
    CHECK(world.state().remittance(uetr(1))->reason == "AC04");
    CHECK(world.refusal(accept, Accept{uetr(1), {}}, gcash) == LedgerError::wrong_state);
    world.wait(30'000);
    CHECK(world.sweep().empty());
}

TEST_CASE("expire: money home at the deadline, in order, at most so many", "[ledger][expire]") {
    World world;
    for (unsigned number = 3; number >= 1; --number) {
        REQUIRE(world.run(prepare, world.prepare_op(number, 10'000), alipay).has_value());
    }
    world.change_policy([](Policy& policy) { policy.sweep_per_block_max = 2; });
    world.wait(29'999);
    CHECK(world.sweep().empty());
    world.wait(1);
    const auto first = world.sweep();
    REQUIRE(first.size() == 2);
    CHECK(first[0].reference == uetr(1).bytes());
    CHECK(first[1].reference == uetr(2).bytes());
    CHECK(next_expiry_at(world.state()) == world.time());
    CHECK(world.sweep().size() == 1);
    CHECK_FALSE(next_expiry_at(world.state()).has_value());
    CHECK(world.customer(alipay, hkd, 'a') == 1'000'000);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 0);
    CHECK(world.position(maker, php).reserved == 0);
    const auto remittance = world.state().remittance(uetr(1));
    CHECK(remittance->state == RemittanceState::expired);
    CHECK(remittance->timeline.back().participant == ParticipantId{});
}

TEST_CASE("expire: a closed payer's money goes to suspense", "[ledger][expire]") {
    World world;
    prepare_one(world);
    world.change_account(customer_account(alipay, hkd, tag('a')),
                         [](Account& account) { account.closed = true; });
    world.wait(30'000);
    CHECK(world.sweep().size() == 1);
    CHECK(world.own(alipay, hkd, AccountKind::suspense) == 101'250);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 0);
}

TEST_CASE("confirm_credit: final for the customer, with or without paying out",
          "[ledger][confirm_credit]") {
    World world;
    world.committed(1);
    world.committed(2);
    CHECK(world.refusal(confirm_credit, ConfirmCredit{uetr(1), "", false}, gcash) ==
          LedgerError::bad_reference);
    CHECK(world.refusal(confirm_credit, ConfirmCredit{uetr(1), "c-1", false}, alipay) ==
          LedgerError::not_yours);
    CHECK(world.run(confirm_credit, ConfirmCredit{uetr(1), "c-1", false}, gcash).has_value());
    CHECK(state_of(world) == RemittanceState::credited);
    CHECK(world.customer(gcash, php, 'b') == 1'494'700);
    CHECK(world.run(confirm_credit, ConfirmCredit{uetr(2), "c-2", true}, gcash).has_value());
    CHECK(world.customer(gcash, php, 'b') == 747'350);
    CHECK(world.own(gcash, php, AccountKind::settlement) == 747'350);
    CHECK(world.refusal(confirm_credit, ConfirmCredit{uetr(1), "c-1", false}, gcash) ==
          LedgerError::wrong_state);
}

TEST_CASE("fail_credit: opens the duty to return", "[ledger][fail_credit]") {
    World world;
    world.committed(1);
    CHECK(world.refusal(fail_credit, FailCredit{uetr(1), "x"}, gcash) == LedgerError::bad_reason);
    CHECK(world.refusal(fail_credit, FailCredit{uetr(1), "AC04"}, alipay) ==
          LedgerError::not_yours);
    CHECK(world.run(fail_credit, FailCredit{uetr(1), "AC04"}, gcash).has_value());
    CHECK(state_of(world) == RemittanceState::credit_failed);
    CHECK(world.refusal(fail_credit, FailCredit{uetr(1), "AC04"}, gcash) ==
          LedgerError::wrong_state);
}
