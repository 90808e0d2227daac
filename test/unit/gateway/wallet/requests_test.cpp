#include "gateway/wallet/requests.h"

#include <catch2/catch.hpp>

#include "test/support/gateway/world.h"

namespace remit::gateway {

namespace {

struct Asking {
    test::World world;
    v1::Wallet alice;

    Asking() {
        alice.set_name("alice");
        alice.set_tag(Bytes(16, 'a'));
        alice.set_asset_id(1);
        alice.set_currency("HKD");
    }
    Parsed<Saga> ask(const v1::SendRemittanceRequest& request, const Bytes& tag = Bytes(16, 'b')) {
        return send_saga(request, tag,
                         {.from = alice,
                          .registry = world.registry,
                          .expires_in_ms = 30'000,
                          .screening_hash = Bytes(32, 's'),
                          .now_ms = 1'000},
                         world.random);
    }
};

}  // namespace

TEST_CASE("send request: what is asked for is what is prepared", "[gateway][request]") {
    Asking asking;
    auto request = test::a_send(test::an_id("one"));
    request.set_purpose("GIFT");
    request.set_end_to_end_id("invoice 7");
    auto& fee = *request.add_fees();
    fee.set_participant_id(1);
    fee.set_amount_minor(50);
    const auto saga = asking.ask(request);
    REQUIRE(saga);
    CHECK(saga->step() == v1::SAGA_STEP_QUOTE);
    CHECK(saga->prepare().uetr() == test::an_id("one"));
    CHECK(saga->prepare().purpose() == "GIFT");
    CHECK(saga->prepare().end_to_end_id() == "invoice 7");
    CHECK(saga->prepare().fees(0).amount_minor() == 50);
    CHECK(saga->prepare().payee_tag() == Bytes(16, 'b'));
    CHECK(saga->prepare().travel_commit().size() == 32);
    CHECK(is_same_send(*saga, *asking.ask(request)));
    request.set_amount_minor(100'001);
    CHECK_FALSE(is_same_send(*saga, *asking.ask(request)));
}

TEST_CASE("send request: one currency on both sides needs no quote", "[gateway][request]") {
    Asking asking;
    auto request = test::a_send(test::an_id("same"));
    request.set_payee_currency("HKD");
    request.set_expires_in_ms(500);
    const auto saga = asking.ask(request);
    REQUIRE(saga);
    CHECK(saga->step() == v1::SAGA_STEP_PREPARE);
    CHECK(saga->prepare().source_minor() == 100'000);
    CHECK(saga->prepare().target_minor() == 100'000);
    CHECK(saga->prepare().expires_at_ms() == 1'500);
}

TEST_CASE("send request: malformed fields are refused before anything is written",
          "[gateway][request]") {
    struct Row {
        std::function<void(v1::SendRemittanceRequest&)> change;
        std::string reason;
    };
    const auto row = GENERATE(
        Row{[](auto& r) { r.set_uetr("short"); }, "NOT_A_UUID"},
        Row{[](auto& r) { r.set_uetr(Bytes(16, '\1')); }, "NOT_A_UUID"},
        Row{[](auto& r) { r.set_amount_minor(0); }, "ZERO_AMOUNT"},
        Row{[](auto& r) { r.set_amount_minor(-1); }, "NEGATIVE_AMOUNT"},
        Row{[](auto& r) { r.set_amount_minor(1'000'000'000'000'000); }, "AMOUNT_TOO_LARGE"},
        Row{[](auto& r) { r.set_payee_currency("XXX"); }, "CURRENCY_NOT_OPEN"},
        Row{[](auto& r) { r.set_payee_operator_id(99); }, "NOT_REGISTERED"},
        Row{[](auto& r) { r.set_purpose("GI"); }, "BAD_PURPOSE"},
        Row{[](auto& r) { r.set_purpose("gift"); }, "BAD_PURPOSE"},
        Row{[](auto& r) { r.set_end_to_end_id(std::string(36, 'x')); }, "BAD_REFERENCE"},
        Row{[](auto& r) { r.set_end_to_end_id("a\nb"); }, "BAD_REFERENCE"},
        Row{[](auto& r) { r.add_fees()->set_participant_id(1); }, "ZERO_AMOUNT"},
        Row{[](auto& r) {
                auto& fee = *r.add_fees();
                fee.set_participant_id(77);
                fee.set_amount_minor(5);
            },
            "NOT_REGISTERED"});
    CAPTURE(row.reason);
    Asking asking;
    auto request = test::a_send(test::an_id("bad"));
    row.change(request);
    const auto saga = asking.ask(request);
    REQUIRE_FALSE(saga);
    CHECK(saga.error().reason == row.reason);
}

TEST_CASE("wallet names: only what fits an account name at the rail", "[gateway][request]") {
    CHECK(check_wallet_name("alice"));
    CHECK(check_wallet_name("a-b_c.9"));
    CHECK_FALSE(check_wallet_name(""));
    CHECK_FALSE(check_wallet_name("Alice"));
    CHECK_FALSE(check_wallet_name("a/b"));
    CHECK_FALSE(check_wallet_name(std::string(21, 'a')));
}

}  // namespace remit::gateway
