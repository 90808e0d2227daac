#include "ledger/rules/quote_check.h"

#include <catch2/catch.hpp>

#include "ledger/rules/bank_mark.h"
#include "ledger/rules/prepare.h"
#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
/// The error of a prepare whose quote was changed and signed again.
LedgerError error_of(World& world, const std::function<void(Prepare&, Quote&)>& change,
                     ParticipantId signed_by = maker) {
    Prepare op = world.prepare_op(1);
    change(op, op.quotes.front());
    world.sign(op.quotes.front(), signed_by);
    return world.refusal(prepare, op, alipay);
}
}  // namespace

TEST_CASE("quote: only the maker's QUOTE key makes one", "[ledger][quote]") {
    World world;
    CHECK(
        error_of(world, [](Prepare&, Quote&) {}, second_maker) == LedgerError::quote_bad_signature);
    Prepare op = world.prepare_op(1);
    op.quotes.front().signature.data[0] ^= 1;
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::quote_bad_signature);
    op = world.prepare_op(1);
    sign_quote(op.quotes.front(), world.chain_id(), key_of(maker, KeyPurpose::operate));
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::quote_bad_signature);
    op = world.prepare_op(1);
    sign_quote(op.quotes.front(), {}, key_of(maker, KeyPurpose::quote));
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::quote_bad_signature);
    KeyRecord key = world.state().key(key_of(maker, KeyPurpose::quote).public_key()).value();
    key.revoked_height = 1;
    world.state().put(key);
    CHECK(world.refusal(prepare, world.prepare_op(1), alipay) == LedgerError::quote_bad_signature);
}

TEST_CASE("quote: it is bound to its requester", "[ledger][quote]") {
    World world;
    CHECK(error_of(world, [](Prepare&, Quote& quote) { quote.requester = gcash; }) ==
          LedgerError::quote_requester);
}

TEST_CASE("quote: it lives 5 to 600 seconds", "[ledger][quote]") {
    World world;
    CHECK(error_of(world, [](Prepare&, Quote& quote) {
              quote.expires_at = {quote.issued_at.ms + 4'999};
          }) == LedgerError::quote_life);
    CHECK(error_of(world, [](Prepare&, Quote& quote) {
              quote.expires_at = {quote.issued_at.ms + 60'001};
          }) == LedgerError::quote_life);
    CHECK(error_of(world, [](Prepare&, Quote& quote) {
              quote.issued_at = {INT64_MIN};
              quote.expires_at = {INT64_MAX};
          }) == LedgerError::quote_life);
}

TEST_CASE("quote: it may run ahead of block time by the skew and no further", "[ledger][quote]") {
    World world;
    const auto shift = [](std::int64_t ms) {
        return [ms](Prepare&, Quote& quote) {
            quote.issued_at.ms += ms;
            quote.expires_at.ms += ms;
        };
    };
    CHECK(error_of(world, shift(2'001)) == LedgerError::quote_not_yet_valid);
    Prepare op = world.prepare_op(1);
    shift(2'000)(op, op.quotes.front());
    world.sign(op.quotes.front());
    CHECK(world.run(prepare, op, alipay).has_value());
}

TEST_CASE("quote: expiry is judged against block time at prepare", "[ledger][quote]") {
    World world;
    Prepare early = world.prepare_op(1);
    Prepare late = world.prepare_op(2);
    early.expires_at.ms += 60'000;
    late.expires_at.ms += 60'000;
    world.wait(59'999);
    CHECK(world.run(prepare, early, alipay).has_value());
    world.wait(1);
    CHECK(world.refusal(prepare, late, alipay) == LedgerError::quote_expired);
}

TEST_CASE("quote: it is used once", "[ledger][quote]") {
    World world;
    Prepare op = world.prepare_op(1);
    CHECK(world.run(prepare, op, alipay).has_value());
    op.uetr = uetr(2);
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::quote_used);
}

TEST_CASE("quote: the prepare says exactly what was quoted", "[ledger][quote]") {
    World world;
    const auto mismatch = [&](const std::function<void(Prepare&)>& change) {
        Prepare op = world.prepare_op(1);
        change(op);
        return world.refusal(prepare, op, alipay);
    };
    CHECK(mismatch([](Prepare& op) { op.source += 1; }) == LedgerError::quote_mismatch);
    CHECK(mismatch([](Prepare& op) { op.target += 1; }) == LedgerError::quote_mismatch);
    CHECK(mismatch([](Prepare& op) { op.target -= 1; }) == LedgerError::quote_mismatch);
    CHECK(mismatch([](Prepare& op) { op.fees[0].amount += 1; }) == LedgerError::quote_mismatch);
    CHECK(mismatch([](Prepare& op) { op.fees.pop_back(); }) == LedgerError::quote_mismatch);
    CHECK(mismatch([](Prepare& op) { op.quotes.clear(); }) == LedgerError::quote_missing);
    CHECK(mismatch([](Prepare& op) { op.quotes.resize(3, op.quotes[0]); }) ==
          LedgerError::quote_missing);
}

TEST_CASE("quote: amounts are those of its own rate to the unit", "[ledger][quote]") {
    World world;
    CHECK(error_of(world, [](Prepare& op, Quote& quote) { op.target = ++quote.target; }) ==
          LedgerError::quote_mismatch);
    CHECK(error_of(world, [](Prepare& op, Quote& quote) { op.target = --quote.target; }) ==
          LedgerError::quote_mismatch);
    // RECEIVE: 5,000.00 PHP cost 669.04 HKD.
    const auto receive = [](Minor source) {
        return [source](Prepare& op, Quote& quote) {
            quote.fixed = FixedSide::receive;
            op.source = quote.source = source;
            op.target = quote.target = 500'000;
        };
    };
    CHECK(error_of(world, receive(66'903)) == LedgerError::quote_mismatch);
    CHECK(error_of(world, receive(66'905)) == LedgerError::quote_mismatch);
    Prepare op = world.prepare_op(2);
    receive(66'904)(op, op.quotes.front());
    world.sign(op.quotes.front());
    CHECK(world.run(prepare, op, alipay).has_value());
}

TEST_CASE("quote: zero, negative and huge amounts are refused", "[ledger][quote]") {
    World world;
    const auto amounts = [](Minor source, Minor target) {
        return [source, target](Prepare& op, Quote& quote) {
            op.source = quote.source = source;
            op.target = quote.target = target;
        };
    };
    CHECK(error_of(world, amounts(0, 0)) == LedgerError::zero_amount);
    CHECK(error_of(world, amounts(-1, -7)) == LedgerError::negative_amount);
    world.change_policy([](Policy& policy) { policy.corridors[0].single_limit = INT64_MAX; });
    CHECK(error_of(world, amounts(amount_max + 1, 7)) == LedgerError::amount_too_large);
    CHECK(error_of(world, amounts(amount_max, amount_max)) == LedgerError::amount_too_large);
    CHECK(error_of(world, [](Prepare& op, Quote& quote) {
              op.fees = quote.fees = {{alipay, 0}};
          }) == LedgerError::zero_amount);
    CHECK(error_of(world, [](Prepare& op, Quote& quote) {
              op.fees = quote.fees = {{alipay, INT64_MAX}, {bank, INT64_MAX}};
          }) == LedgerError::amount_too_large);
}

TEST_CASE("quote: its rate keeps to the bank's mark", "[ledger][quote]") {
    World world;
    const auto with_rate = [](const char* text) {
        return [text](Prepare& op, Quote& quote) {
            quote.rate = parse_rate(text).value();
            op.target = quote.target = target_of(quote.source, quote.rate, {2, 2}).value();
        };
    };
    // Band 7.4735 - 50 bp = 7.4361325 to 7.4780 + 50 bp = 7.51539.
    CHECK(error_of(world, with_rate("7.4361")) == LedgerError::rate_not_marked);
    CHECK(error_of(world, with_rate("7.5154")) == LedgerError::rate_not_marked);
    CHECK(error_of(world, [](Prepare&, Quote& quote) { quote.mark_id = 2; }) ==
          LedgerError::rate_not_marked);
    Prepare op = world.prepare_op(1);
    with_rate("7.51539")(op, op.quotes.front());
    world.sign(op.quotes.front());
    CHECK(world.run(prepare, op, alipay).has_value());
    world.change_policy([](Policy& policy) { policy.rate_mode = RateMode::bank_exact; });
    op = world.prepare_op(2);
    with_rate("7.4781")(op, op.quotes.front());
    world.sign(op.quotes.front());
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::rate_not_marked);
}

TEST_CASE("quote: a mark serves until it ends or is replaced", "[ledger][quote]") {
    World world;
    const Prepare before = world.prepare_op(1);
    world.wait(1);
    const BankMark next{.mark_id = 2,
                        .source = hkd,
                        .target = php,
                        .bid = {747, 2},
                        .ask = {748, 2},
                        .valid_from = world.time(),
                        .valid_to = {world.time().ms + 10'000}};
    REQUIRE(world.run(bank_mark, next, bank).has_value());
    world.wait(1);
    CHECK(world.refusal(prepare, world.prepare_op(2), alipay) == LedgerError::mark_expired);
    CHECK(world.run(prepare, before, alipay).has_value());
    Prepare op = world.prepare_op(3);
    op.quotes.front().mark_id = 2;
    world.sign(op.quotes.front());
    world.wait(10'000);
    CHECK(world.refusal(prepare, op, alipay) == LedgerError::mark_expired);
}
