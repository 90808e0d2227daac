#include "gateway/maker/quotes.h"

#include <catch2/catch.hpp>
#include <set>

#include "ledger/wire/quote.h"
#include "test/support/gateway/world.h"

namespace remit::gateway {

namespace {

v1::QuoteRequest a_request() {
    v1::QuoteRequest request;
    request.set_requester_id(1);
    request.set_source_asset_id(1);
    request.set_target_asset_id(2);
    request.set_fixed(remit::v1::FIXED_SIDE_SEND);
    request.set_amount_minor(100'000);
    return request;
}

struct Desk {
    test::World world;
    test::MemoryKv kv;
    Journal journal{kv};
    SecretKey key = test::Network::key("M1", KeyPurpose::quote);

    std::unique_ptr<QuoteDesk> make(std::size_t open_max = 100) {
        return std::make_unique<QuoteDesk>(journal, world.bank->marks(), world.registry, key,
                                           world.clock, world.random,
                                           MakerOptions{.participant = 5,
                                                        .chain_id = world.ledger.chain().chain_id(),
                                                        .open_quotes_max = open_max});
    }
};

}  // namespace

TEST_CASE("quote desk: a quote is signed, exact and bound to the requester", "[gateway][quote]") {
    Desk fixture;
    const auto answer = fixture.make()->quote(a_request());
    REQUIRE(answer.has_quote());
    const auto quote = ledger::wire::from_proto(answer.quote());
    REQUIRE(quote);
    CHECK(ledger::has_valid_signature(*quote, fixture.world.ledger.chain().chain_id()));
    CHECK(quote->requester.value == 1);
    CHECK(quote->source == 100'000);
    CHECK(quote->target == 745'859);
    CHECK(to_text(quote->rate) == "7.4585923208");
    CHECK(quote->expires_at.ms - quote->issued_at.ms == 60'000);
}

TEST_CASE("quote desk: no nonce is given twice, whatever dies", "[gateway][quote]") {
    Desk fixture;
    std::set<std::uint64_t> nonces;
    constexpr int lives = 3;
    constexpr int quotes = 5;
    for (int life = 0; life < lives; ++life) {
        const auto desk = fixture.make();
        for (int i = 0; i < quotes; ++i) {
            nonces.insert(desk->quote(a_request()).quote().nonce());
        }
    }
    CHECK(nonces.size() == lives * quotes);
}

TEST_CASE("quote desk: open quotes of one requester are bounded until they expire",
          "[gateway][quote]") {
    Desk fixture;
    const auto desk = fixture.make(2);
    CHECK(desk->quote(a_request()).has_quote());
    CHECK(desk->quote(a_request()).has_quote());
    CHECK(desk->quote(a_request()).refusal().name() == "OPEN_QUOTES");
    auto other = a_request();
    other.set_requester_id(2);
    CHECK(desk->quote(other).has_quote());
    fixture.world.ledger.pass(61'000);
    CHECK(desk->quote(a_request()).has_quote());
}

TEST_CASE("quote desk: what cannot be quoted is refused by the ledger's own codes",
          "[gateway][quote]") {
    struct Row {
        std::function<void(v1::QuoteRequest&)> change;
        std::string name;
    };
    const auto row = GENERATE(
        Row{[](auto& r) { r.set_amount_minor(0); }, "ZERO_AMOUNT"},
        Row{[](auto& r) { r.set_amount_minor(-1); }, "NEGATIVE_AMOUNT"},
        Row{[](auto& r) { r.set_amount_minor(1'000'000'000'000'000); }, "AMOUNT_TOO_LARGE"},
        Row{[](auto& r) { r.set_target_asset_id(9); }, "CURRENCY_NOT_OPEN"},
        Row{[](auto& r) { r.set_target_asset_id(1); }, "CURRENCY_NOT_OPEN"},
        Row{[](auto& r) {
                r.set_source_asset_id(2);
                r.set_target_asset_id(1);
                r.set_amount_minor(1);
            },
            "BELOW_MIN_DELIVERY"});
    CAPTURE(row.name);
    Desk fixture;
    auto request = a_request();
    row.change(request);
    const auto answer = fixture.make()->quote(request);
    CHECK_FALSE(answer.has_quote());
    CHECK(answer.refusal().name() == row.name);
}

TEST_CASE("quote desk: a request for another maker is refused, one for none in particular is not",
          "[gateway][quote]") {
    Desk fixture;
    auto request = a_request();
    request.set_maker_id(6);
    CHECK(fixture.make()->quote(request).refusal().name() == "OTHER_MAKER");
    request.set_maker_id(5);
    CHECK(fixture.make()->quote(request).has_quote());
    request.set_maker_id(0);
    CHECK(fixture.make()->quote(request).has_quote());
}

TEST_CASE("quote desk: an outlived mark gives no quotes", "[gateway][quote]") {
    Desk fixture;
    fixture.world.ledger.pass(3'700'000);
    CHECK(fixture.make()->quote(a_request()).refusal().name() == "MARK_EXPIRED");
}

}  // namespace remit::gateway
