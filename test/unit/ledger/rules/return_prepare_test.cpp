#include "ledger/rules/return_prepare.h"

#include <catch2/catch.hpp>

#include "ledger/rules/confirm_credit.h"
#include "ledger/rules/return_accept.h"
#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
ReturnPrepare return_op(const World& world, unsigned number, Minor source, Minor target) {
    return {.return_id = uetr(100 + number),
            .uetr = uetr(1),
            .source = source,
            .target = target,
            .mode = ReturnMode::same_rate,
            .reason = "CUST",
            .expires_at = {world.time().ms + 30'000}};
}
}  // namespace

TEST_CASE("return: gives back exactly the original amount", "[ledger][return]") {
    World world;
    world.committed(1);
    REQUIRE(world.run(return_prepare, return_op(world, 1, 100'000, 747'350), gcash).has_value());
    CHECK(world.customer(gcash, php, 'b') == 0);
    CHECK(world.own(gcash, php, AccountKind::escrow) == 747'350);
    CHECK(world.position(gcash, php).reserved == 747'350);
    CHECK(world.position(maker, hkd).reserved == 100'000);
    CHECK(world.state().remittance(uetr(1))->state == RemittanceState::return_pending);
    CHECK(world.refusal(return_accept, ReturnAccept{uetr(101)}, gcash) == LedgerError::not_yours);
    const auto result = world.run(return_accept, ReturnAccept{uetr(101)}, alipay);
    REQUIRE(result.has_value());
    CHECK(result->state == RemittanceState::returned);
    // Fees stay where they are.
    CHECK(world.customer(alipay, hkd, 'a') == 998'750);
    CHECK(world.own(gcash, php, AccountKind::escrow) == 0);
    CHECK(world.position(maker, hkd).open == 0);
    CHECK(world.position(maker, php).open == 0);
    CHECK(world.position(gcash, php).open == 0);
    CHECK(world.position(alipay, hkd).open == -50);
    CHECK(world.position(maker, hkd).reserved == 0);
    CHECK(world.position(gcash, php).reserved == 0);
    CHECK(world.refusal(return_accept, ReturnAccept{uetr(101)}, alipay) ==
          LedgerError::wrong_state);
    CHECK(world.refusal(return_prepare, return_op(world, 2, 1, 7), gcash) ==
          LedgerError::wrong_state);
}

TEST_CASE("return: parts sum to exactly the original", "[ledger][return]") {
    World world;
    world.committed(1);
    // floor(100,000 x 250,000 / 747,350) = 33,451.
    CHECK(world.refusal(return_prepare, return_op(world, 1, 33'452, 250'000), gcash) ==
          LedgerError::amount_differs);
    REQUIRE(world.run(return_prepare, return_op(world, 1, 33'451, 250'000), gcash).has_value());
    const auto part = world.run(return_accept, ReturnAccept{uetr(101)}, alipay);
    REQUIRE(part.has_value());
    CHECK(part->state == RemittanceState::partly_returned);
    CHECK(world.refusal(return_prepare, return_op(world, 2, 66'549, 497'351), gcash) ==
          LedgerError::return_exceeds);
    CHECK(world.refusal(return_prepare, return_op(world, 2, 66'550, 497'350), gcash) ==
          LedgerError::return_exceeds);
    REQUIRE(world.run(return_prepare, return_op(world, 2, 66'549, 497'350), gcash).has_value());
    const auto rest = world.run(return_accept, ReturnAccept{uetr(102)}, alipay);
    REQUIRE(rest.has_value());
    CHECK(rest->state == RemittanceState::returned);
    CHECK(world.customer(alipay, hkd, 'a') == 998'750);
    CHECK(world.state().remittance(uetr(1))->returned_source == 100'000);
}

TEST_CASE("return: the same operation again moves nothing", "[ledger][return]") {
    World world;
    world.committed(1);
    ReturnPrepare op = return_op(world, 1, 100'000, 747'350);
    CHECK(world.run(return_prepare, op, gcash).has_value());
    CHECK(world.run(return_prepare, op, gcash).has_value());
    CHECK(world.own(gcash, php, AccountKind::escrow) == 747'350);
    op.reason = "DUPL";
    CHECK(world.refusal(return_prepare, op, gcash) == LedgerError::id_reused);
}

TEST_CASE("return: without the maker's headroom its duty stands", "[ledger][return]") {
    World world;
    world.committed(1);
    // The window closed meanwhile: the maker's credit no longer offsets, and it has no HKD cover.
    world.change_position(maker, hkd, [](Position& position) {
        position.open = 0;
        position.add_due({1}, 100'000);
    });
    const RuleResult result =
        world.run(return_prepare, return_op(world, 1, 100'000, 747'350), gcash);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error == LedgerError::ndc_exceeded);
    CHECK(result.error().about == maker);
}

TEST_CASE("return: expires back to where it was", "[ledger][return]") {
    World world;
    world.committed(1);
    REQUIRE(world.run(confirm_credit, ConfirmCredit{uetr(1), "c-1", false}, gcash).has_value());
    REQUIRE(world.run(return_prepare, return_op(world, 1, 100'000, 747'350), gcash).has_value());
    world.wait(30'000);
    CHECK(world.refusal(return_accept, ReturnAccept{uetr(101)}, alipay) ==
          LedgerError::late_accept);
    const auto events = world.sweep();
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == LedgerEvent::Kind::return_expired);
    CHECK(world.customer(gcash, php, 'b') == 747'350);
    CHECK(world.own(gcash, php, AccountKind::escrow) == 0);
    CHECK(world.position(maker, hkd).reserved == 0);
    CHECK(world.state().remittance(uetr(1))->state == RemittanceState::credited);
    CHECK(world.run(return_prepare, return_op(world, 2, 100'000, 747'350), gcash).has_value());
}

TEST_CASE("return: the operator may bear it from its own account", "[ledger][return]") {
    World world;
    world.committed(1);
    REQUIRE(world.run(confirm_credit, ConfirmCredit{uetr(1), "c-1", true}, gcash).has_value());
    ReturnPrepare op = return_op(world, 1, 100'000, 747'350);
    CHECK(world.refusal(return_prepare, op, gcash) == LedgerError::insufficient_funds);
    op.operator_bears = true;
    REQUIRE(world.run(return_prepare, op, gcash).has_value());
    CHECK(world.own(gcash, php, AccountKind::settlement) == 0);
    REQUIRE(world.run(return_accept, ReturnAccept{uetr(101)}, alipay).has_value());
    CHECK(world.own(gcash, php, AccountKind::settlement) == 0);
    CHECK(world.customer(alipay, hkd, 'a') == 998'750);
}

TEST_CASE("return: what the operator bears stays within its reserve", "[ledger][return]") {
    World world;
    world.committed(1);
    world.change_position(gcash, php, [](Position& position) { position.reserve = 747'349; });
    ReturnPrepare op = return_op(world, 1, 100'000, 747'350);
    op.operator_bears = true;
    CHECK(world.refusal(return_prepare, op, gcash) == LedgerError::reserve_exceeded);
}

TEST_CASE("return: a closed payer's money goes to suspense", "[ledger][return]") {
    World world;
    world.committed(1);
    REQUIRE(world.run(return_prepare, return_op(world, 1, 100'000, 747'350), gcash).has_value());
    world.change_account(customer_account(alipay, hkd, tag('a')),
                         [](Account& account) { account.closed = true; });
    REQUIRE(world.run(return_accept, ReturnAccept{uetr(101)}, alipay).has_value());
    CHECK(world.own(alipay, hkd, AccountKind::suspense) == 100'000);
}

TEST_CASE("return: refuses in the order of the checks", "[ledger][return]") {
    World world;
    world.committed(1);
    const auto error = [&](const std::function<void(ReturnPrepare&)>& change) {
        ReturnPrepare op = return_op(world, 1, 100'000, 747'350);
        change(op);
        return world.refusal(return_prepare, op, gcash);
    };
    CHECK(error([](auto& op) { op.return_id = {}; }) == LedgerError::bad_reference);
    CHECK(error([](auto& op) { op.reason = "?"; }) == LedgerError::bad_reason);
    CHECK(error([](auto& op) { op.mode = ReturnMode::current_rate; }) ==
          LedgerError::not_supported);
    CHECK(error([&](auto& op) { op.expires_at = world.time(); }) == LedgerError::bad_deadline);
    CHECK(error([](auto& op) { op.uetr = uetr(9); }) == LedgerError::remittance_not_found);
    CHECK(error([](auto& op) { op.target = 0; }) == LedgerError::zero_amount);
    CHECK(error([](auto& op) { op.source = -1; }) == LedgerError::negative_amount);
    CHECK(world.refusal(return_prepare, return_op(world, 1, 100'000, 747'350), alipay) ==
          LedgerError::not_yours);
    CHECK(world.refusal(return_accept, ReturnAccept{uetr(5)}, alipay) ==
          LedgerError::return_not_found);
}

TEST_CASE("return: the maker's right to it ends with the days quoted", "[ledger][return]") {
    World world;
    world.committed(1);
    world.wait(5 * 86'400'000LL + 1);
    const RuleResult late = world.run(return_prepare, return_op(world, 1, 100'000, 747'350), gcash);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().error == LedgerError::return_right_passed);
    CHECK(late.error().about == maker);
}

TEST_CASE("return: its deadline does not outlive the maker's right", "[ledger][return]") {
    World world;
    world.committed(1);
    world.wait(5 * 86'400'000LL - 10'000);
    auto op = return_op(world, 1, 100'000, 747'350);  // for 30 s, of which the maker owes 10
    CHECK(world.refusal(return_prepare, op, gcash) == LedgerError::return_right_passed);
    op.expires_at.ms = world.time().ms + 10'001;
    CHECK(world.refusal(return_prepare, op, gcash) == LedgerError::return_right_passed);
    CHECK(world.position(maker, hkd).reserved == 0);
    op.expires_at.ms = world.time().ms + 10'000;
    REQUIRE(world.run(return_prepare, op, gcash).has_value());
    CHECK(world.position(maker, hkd).reserved == 100'000);
}

TEST_CASE("return: attempts that expire come to an end", "[ledger][return]") {
    World world;
    world.committed(1);
    unsigned tried = 0;
    for (; tried < 150; ++tried) {
        auto op = return_op(world, tried, 100'000, 747'350);
        op.expires_at.ms = world.time().ms + 1;
        const RuleResult result = world.run(return_prepare, op, gcash);
        if (!result) {
            CHECK(result.error().error == LedgerError::wrong_state);
            break;
        }
        world.wait(1);
        REQUIRE(world.sweep().size() == 1);
    }
    CHECK(tried == 99);
    const auto remittance = world.state().remittance(uetr(1));
    CHECK(remittance->state == RemittanceState::committed);
    CHECK(remittance->timeline.size() == 200);
    CHECK(world.customer(gcash, php, 'b') == 747'350);
    CHECK(world.own(gcash, php, AccountKind::escrow) == 0);
}
