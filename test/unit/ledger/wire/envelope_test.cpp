#include "ledger/wire/envelope.h"

#include <catch2/catch.hpp>

#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;          // NOLINT(google-build-using-namespace)
using namespace remit::ledger;  // NOLINT(google-build-using-namespace)
using namespace remit::test;    // NOLINT(google-build-using-namespace)

namespace {

wire::SignedBody sample() {
    return wire::sign_transaction(sample_transaction(every_operation().at(0)), sample_key("op"),
                                  sample_chain);
}

}  // namespace

TEST_CASE("envelope: a signature holds for its key, chain and body alone", "[ledger][wire]") {
    const auto signed_body = sample();
    CHECK(wire::has_valid_signature(signed_body, sample_chain));
    CHECK_FALSE(wire::has_valid_signature(signed_body, hash(domain::genesis, "another chain")));
    auto other_body = signed_body;
    other_body.body.back() = static_cast<char>(other_body.body.back() ^ 1);
    CHECK_FALSE(wire::has_valid_signature(other_body, sample_chain));
    auto other_key = signed_body;
    other_key.key_id = sample_key("another").public_key();
    CHECK_FALSE(wire::has_valid_signature(other_key, sample_chain));
    auto other_signature = signed_body;
    other_signature.signature.data[0] ^= 1;
    CHECK_FALSE(wire::has_valid_signature(other_signature, sample_chain));
}

TEST_CASE("envelope: a batch item is key, signature and body", "[ledger][wire][golden]") {
    const auto signed_body = sample();
    const auto item = wire::item_of(signed_body);
    CHECK(item == signed_body.key_id.bytes() + signed_body.signature.bytes() + signed_body.body);
    const auto back = wire::signed_body_from_item(item);
    REQUIRE(back.has_value());
    CHECK(*back == signed_body);
}

TEST_CASE("envelope: an item without a body is refused", "[ledger][wire]") {
    const auto item = wire::item_of(sample());
    const auto size = GENERATE(0U, 1U, 32U, 95U, 96U);
    const auto back = wire::signed_body_from_item(item.substr(0, size));
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error() == LedgerError::bad_encoding);
}

TEST_CASE("envelope: the public form has keys and signatures of their size and no more",
          "[ledger][wire]") {
    auto envelope = wire::to_proto(sample());
    const auto error = [&envelope] { return wire::from_proto(envelope).error(); };
    REQUIRE(wire::from_proto(envelope).has_value());
    CHECK(*wire::from_proto(envelope) == sample());
    SECTION("short key") {
        envelope.mutable_key_id()->pop_back();
        CHECK(error() == LedgerError::bad_encoding);
    }
    SECTION("long signature") {
        envelope.mutable_signature()->push_back('x');
        CHECK(error() == LedgerError::bad_encoding);
    }
    SECTION("no body") {
        envelope.clear_body();
        CHECK(error() == LedgerError::bad_encoding);
    }
    SECTION("unknown field") {
        envelope.GetReflection()->MutableUnknownFields(&envelope)->AddVarint(9, 1);
        CHECK(error() == LedgerError::unknown_field);
    }
}

TEST_CASE("envelope: an unreadable item of a block keeps an id and its reason", "[ledger][wire]") {
    auto signed_body = sample();
    CHECK(std::holds_alternative<Transaction>(
        wire::decode_item(wire::item_of(signed_body), sample_chain)));
    signed_body.body += "x";
    const auto item = wire::decode_item(wire::item_of(signed_body), sample_chain);
    REQUIRE(std::holds_alternative<Undecodable>(item));
    CHECK(std::get<Undecodable>(item).id == transaction_id(sample_chain, signed_body.body));
    CHECK(std::get<Undecodable>(item).error == LedgerError::bad_encoding);
    const auto stub = wire::decode_item("short", sample_chain);
    REQUIRE(std::holds_alternative<Undecodable>(stub));
    CHECK(std::get<Undecodable>(stub).id == transaction_id(sample_chain, "short"));
}
