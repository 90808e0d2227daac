#include "ledger/posting.h"

#include <catch2/catch.hpp>

#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
AccountId settlement(ParticipantId participant, AssetId asset = hkd) {
    return own_account(participant, asset, AccountKind::settlement);
}
AccountId escrow(ParticipantId participant) {
    return own_account(participant, hkd, AccountKind::escrow);
}
const AccountId clearing = own_account(bank, hkd, AccountKind::clearing);

Position with(Minor open, Minor reserved, std::vector<Due> due, Minor cover, Minor locked = 0) {
    Position out;
    out.open = open;
    out.reserved = reserved;
    out.due = std::move(due);
    out.cover = cover;
    out.locked = locked;
    return out;
}
}  // namespace

TEST_CASE("posting: crosses when owners differ", "[ledger][posting]") {
    World world;
    REQUIRE(post(world.state(), {settlement(alipay), settlement(gcash), 500}).has_value());
    CHECK(world.position(alipay, hkd).open == -500);
    CHECK(world.position(gcash, hkd).open == 500);
    REQUIRE(post(world.state(), {settlement(alipay), escrow(alipay), 70}).has_value());
    CHECK(world.position(alipay, hkd).open == -500);
    CHECK(world.own(alipay, hkd, AccountKind::escrow) == 70);
}

TEST_CASE("posting: refuses what is no movement of money", "[ledger][posting]") {
    World world;
    const auto error = [&](const Posting& posting) {
        Delta attempt = world.delta().nested();
        LedgerState state(attempt);
        return post(state, posting).error();
    };
    CHECK(error({settlement(alipay), settlement(gcash), 0}) == LedgerError::zero_amount);
    CHECK(error({settlement(alipay), settlement(gcash), -1}) == LedgerError::negative_amount);
    CHECK(error({settlement(alipay), settlement(gcash), amount_max + 1}) ==
          LedgerError::amount_too_large);
    CHECK(error({settlement(alipay), settlement(gcash), amount_max}) ==
          LedgerError::amount_too_large);
    CHECK(error({settlement(alipay), settlement(alipay), 1}) == LedgerError::wrong_account);
    CHECK(error({settlement(alipay), settlement(gcash, php), 1}) == LedgerError::wrong_account);
    CHECK(error({settlement(alipay), clearing, 1}) == LedgerError::wrong_account);
    CHECK(error({settlement(alipay), customer_account(gcash, hkd, tag('q')), 1}) ==
          LedgerError::wrong_account);
    CHECK(error({escrow(alipay), settlement(alipay), 1}) == LedgerError::insufficient_funds);
}

TEST_CASE("posting: settlement moves what is due, never open", "[ledger][posting]") {
    World world;
    world.change_position(alipay, hkd, [](Position& position) { position.add_due({1}, -900); });
    REQUIRE(post_settlement(world.state(), {clearing, settlement(alipay), 900}, {1}).has_value());
    CHECK(world.own(bank, hkd, AccountKind::clearing) == -900);
    CHECK(world.position(alipay, hkd).due.empty());
    CHECK(world.position(alipay, hkd).open == 0);
    // CLEARING is no part of the bank's own position.
    CHECK(world.position(bank, hkd).net() == 0);
    CHECK(post_settlement(world.state(), {settlement(gcash), clearing, 901}, {1}).error() ==
          LedgerError::insufficient_funds);
    REQUIRE(post_settlement(world.state(), {settlement(gcash), clearing, 900}, {1}).has_value());
    CHECK(world.own(bank, hkd, AccountKind::clearing) == 0);
    CHECK(world.position(gcash, hkd).due_of({1}) == -900);
}

TEST_CASE("cap: floor of k times the free cover", "[ledger][posting]") {
    Policy policy;
    CHECK(cap_of(with(0, 0, {}, 2'000'000), policy) == 1'800'000);
    CHECK(cap_of(with(0, 0, {}, 1), policy) == 0);
    CHECK(cap_of(with(0, 0, {}, 100, 90), policy) == 9);
    CHECK(cap_of(with(0, 0, {}, 100, 200), policy) == 0);
    policy.cap_bps = 12'000;
    CHECK(cap_of(with(0, 0, {}, 9'000'000), policy) == 10'800'000);
    CHECK(cap_of(with(0, 0, {}, amount_max), policy) == amount_max);
}

TEST_CASE("cap: open credits offset, closed credits never", "[ledger][posting]") {
    const Policy policy;
    // Cap 90.
    CHECK(has_headroom_to_reserve(with(0, 0, {}, 100), 90, policy));
    CHECK_FALSE(has_headroom_to_reserve(with(0, 0, {}, 100), 91, policy));
    CHECK(has_headroom_to_reserve(with(50, 0, {}, 100), 140, policy));
    CHECK_FALSE(has_headroom_to_reserve(with(50, 10, {}, 100), 131, policy));
    CHECK_FALSE(has_headroom_to_reserve(with(0, 0, {{{1}, 500}}, 100), 91, policy));
    CHECK(has_headroom_to_reserve(with(0, 0, {{{1}, -40}, {{2}, 500}}, 100), 50, policy));
    CHECK_FALSE(has_headroom_to_reserve(with(0, 0, {{{1}, -40}, {{2}, 500}}, 100), 51, policy));
    // At accept what else is reserved does not count.
    CHECK(has_headroom_to_pay(with(-40, 1'000, {}, 100), 50, policy));
    CHECK_FALSE(has_headroom_to_pay(with(-40, 0, {}, 100), 51, policy));
    CHECK(committed_debt(with(-40, 1'000, {{{1}, -2}, {{2}, 5}}, 100)) == 42);
    CHECK(committed_debt(with(40, 0, {{{1}, -2}}, 100)) == 2);
}

TEST_CASE("cap: a close does not change committed debt", "[ledger][posting]") {
    Position position = with(-70, 0, {{{1}, -5}}, 100);
    const Minor before = committed_debt(position);
    position.add_due({2}, position.open);
    position.open = 0;
    CHECK(committed_debt(position) == before);
    CHECK(position.net() == -75);
}

TEST_CASE("safeguarding: asks only who holds customers", "[ledger][posting]") {
    World world;
    CHECK(is_safeguarded(world.state(), alipay, hkd));
    world.change_position(alipay, hkd, [](Position& position) { position.reserve = 999'999; });
    CHECK_FALSE(is_safeguarded(world.state(), alipay, hkd));
    world.change_position(alipay, hkd,
                          [](Position& position) { position.holds_customers = false; });
    CHECK(is_safeguarded(world.state(), alipay, hkd));
}
