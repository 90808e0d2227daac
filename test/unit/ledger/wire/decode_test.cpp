#include "ledger/wire/decode.h"

#include <catch2/catch.hpp>

#include "ledger/wire/encode.h"
#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;          // NOLINT(google-build-using-namespace)
using namespace remit::ledger;  // NOLINT(google-build-using-namespace)
using namespace remit::test;    // NOLINT(google-build-using-namespace)

namespace {

constexpr std::optional<LedgerError> nothing;

/// The sample of a verb, for a test to spoil.
v1::Body body_of(Verb verb) {
    for (const Operation& operation : every_operation()) {
        if (verb_of(operation) == verb) {
            return sample_body(operation);
        }
    }
    throw std::logic_error("no sample of the verb");
}

v1::Prepare& prepare_of(v1::Body& body) {
    return *body.mutable_operations(0)->mutable_prepare();
}

Bytes canonical(const Operation& operation) {
    return std::visit(
        [](const auto& verb) {
            Writer writer;
            write(writer, verb);
            return writer.take();
        },
        operation);
}

}  // namespace

TEST_CASE("decode: every verb comes back as it was encoded", "[ledger][wire]") {
    for (const Operation& operation : every_operation()) {
        CAPTURE(name_of(verb_of(operation)));
        const auto signed_body =
            wire::sign_transaction(sample_transaction(operation), sample_key("op"), sample_chain);
        const auto decoded = wire::decode(signed_body, sample_chain);
        REQUIRE(decoded.has_value());
        REQUIRE(decoded->operations.size() == 1);
        CHECK(verb_of(decoded->operations[0]) == verb_of(operation));
        CHECK(canonical(decoded->operations[0]) == canonical(operation));
        CHECK(decoded->id == transaction_id(sample_chain, signed_body.body));
        CHECK(decoded->key == sample_key("op").public_key());
        CHECK(decoded->verdict == SignatureVerdict::unchecked);
        CHECK(decoded->body == signed_body.body);
        CHECK(decoded->participant == ParticipantId{1});
        CHECK(decoded->valid_until == BlockTime{1'735'776'060'000});
    }
}

TEST_CASE("decode: the body of an on-ramp has these bytes", "[ledger][wire][golden]") {
    const auto fund = every_operation().at(1);
    CHECK(to_hex(wire::encode_body(sample_transaction(fund))) ==
          "08011210"
          "1e1e1e1e1e1e4e1e9e1e1e1e1e1e1e1e"
          "18e084c3a2c232"
          "2001"
          "2a24"
          "1222"
          "0801"
          "1210"
          "0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a0a"
          "18a08d06"
          "22084650532d30303031");
}

TEST_CASE("decode: text that is no Protobuf, cut or continued is refused", "[ledger][wire]") {
    const auto body = body_of(Verb::prepare).SerializeAsString();
    CHECK(refusal_of(body) == nothing);
    CHECK(refusal_of(Bytes("\xff\xff\xff")) == LedgerError::bad_encoding);
    for (std::size_t size = 0; size < body.size(); ++size) {
        CAPTURE(size);
        CHECK(refusal_of(body.substr(0, size)).has_value());
    }
    CHECK(refusal_of(body + '\0') == LedgerError::bad_encoding);
    CHECK(refusal_of(body + "trailing").has_value());
}

TEST_CASE("decode: whatever byte is changed, what reads is inside its bounds", "[ledger][wire]") {
    const auto key = sample_key("operate");
    for (const Operation& operation : every_operation()) {
        const auto body = sample_body(operation).SerializeAsString();
        const auto signed_body = wire::sign(body, key, sample_chain);
        for (std::size_t at = 0; at < body.size(); ++at) {
            auto spoilt = signed_body;
            spoilt.body[at] = static_cast<char>(spoilt.body[at] ^ (1 << (at % 8)));
            CAPTURE(name_of(verb_of(operation)), at);
            REQUIRE_FALSE(wire::has_valid_signature(spoilt, sample_chain));
            const auto decoded = wire::decode(spoilt, sample_chain);
            if (!decoded) {
                CHECK(info_of(decoded.error()).error == decoded.error());
                continue;
            }
            // Another reading of other bytes: it can be encoded, and reads the same again.
            const auto again =
                wire::decode(wire::sign_transaction(*decoded, key, sample_chain), sample_chain);
            REQUIRE(again.has_value());
            CHECK(canonical(again->operations.at(0)) == canonical(decoded->operations.at(0)));
        }
    }
}

TEST_CASE("decode: a field given twice or written longer than need be is refused",
          "[ledger][wire]") {
    const auto body = body_of(Verb::accept).SerializeAsString();
    // Field 1 (participant_id) again, with another value: Protobuf would let the last one win.
    CHECK(refusal_of(body + "\x08\x02") == LedgerError::bad_encoding);
    // Field 1 as the two bytes 81 00 instead of 01.
    CHECK(refusal_of("\x08\x81" + Bytes(1, '\0') + body.substr(2)) == LedgerError::bad_encoding);
}

TEST_CASE("decode: unknown fields are refused at any depth", "[ledger][wire]") {
    auto body = body_of(Verb::prepare);
    const auto spoil = [](google::protobuf::Message& message) {
        message.GetReflection()->MutableUnknownFields(&message)->AddVarint(1000, 1);
    };
    SECTION("in the body") {
        spoil(body);
    }
    SECTION("in the operation") {
        spoil(*body.mutable_operations(0));
    }
    SECTION("in the verb") {
        spoil(prepare_of(body));
    }
    SECTION("in a quote") {
        spoil(*prepare_of(body).mutable_quotes(0));
    }
    SECTION("in a fee of a quote") {
        spoil(*prepare_of(body).mutable_quotes(0)->mutable_fees(0));
    }
    SECTION("in the screening") {
        spoil(*prepare_of(body).mutable_screening());
    }
    SECTION("in a rate") {
        spoil(*prepare_of(body).mutable_quotes(0)->mutable_rate());
    }
    CHECK(refusal_of(body) == LedgerError::unknown_field);
}

TEST_CASE("decode: the body's own fields have one form", "[ledger][wire]") {
    auto body = body_of(Verb::accept);
    SECTION("no participant") {
        body.set_participant_id(0);
    }
    SECTION("short client key") {
        body.set_client_key("123456789012345");
    }
    SECTION("long client key") {
        body.set_client_key("12345678901234567");
    }
    SECTION("client key of zeros") {
        body.set_client_key(Bytes(16, '\0'));
    }
    SECTION("negative time") {
        body.set_valid_until_ms(-1);
    }
    SECTION("time after the year 9999") {
        body.set_valid_until_ms(253'402'300'800'000);
    }
    SECTION("no mode") {
        body.set_mode(v1::MODE_UNSPECIFIED);
    }
    SECTION("unknown mode") {
        body.set_mode(static_cast<v1::Mode>(3));
    }
    SECTION("no operation") {
        body.clear_operations();
    }
    SECTION("operation without a verb") {
        body.add_operations();
    }
    CHECK(refusal_of(body) == LedgerError::bad_encoding);
}

TEST_CASE("decode: more operations or bytes than memory is given to are refused",
          "[ledger][wire]") {
    auto body = body_of(Verb::return_accept);
    const auto operation = body.operations(0);
    for (int i = 1; i < wire::operations_max; ++i) {
        *body.add_operations() = operation;
    }
    CHECK(refusal_of(body) == nothing);
    *body.add_operations() = operation;
    CHECK(refusal_of(body) == LedgerError::too_large);
    CHECK(refusal_of(Bytes(wire::body_bytes_max + 1, 'x')) == LedgerError::too_large);
}

TEST_CASE("decode: ids of another size, of zeros or of another kind are refused",
          "[ledger][wire]") {
    auto body = body_of(Verb::prepare);
    auto& prepare = prepare_of(body);
    auto& quote = *prepare.mutable_quotes(0);
    SECTION("short UETR") {
        prepare.set_uetr("123");
    }
    SECTION("UETR of zeros") {
        prepare.set_uetr(Bytes(16, '\0'));
    }
    SECTION("no payer") {
        prepare.clear_payer_tag();
    }
    SECTION("long payee tag") {
        prepare.set_payee_tag(Bytes(17, 'x'));
    }
    SECTION("no payee operator") {
        prepare.set_payee_operator_id(0);
    }
    SECTION("no asset") {
        prepare.set_source_asset_id(0);
    }
    SECTION("asset over 16 bits") {
        prepare.set_target_asset_id(65'536);
    }
    SECTION("short travel commitment") {
        prepare.set_travel_commit(Bytes(31, 'x'));
    }
    SECTION("travel commitment of zeros") {
        prepare.set_travel_commit(Bytes(32, '\0'));
    }
    SECTION("short list hash") {
        prepare.mutable_screening()->set_list_hash("x");
    }
    SECTION("unknown screening result") {
        prepare.mutable_screening()->set_result(2);
    }
    SECTION("short quote key") {
        quote.set_key_id(Bytes(31, 'x'));
    }
    SECTION("short quote signature") {
        quote.set_signature(Bytes(63, 'x'));
    }
    SECTION("quote without a maker") {
        quote.set_maker_id(0);
    }
    SECTION("quote without a fixed side") {
        quote.set_fixed(v1::FIXED_SIDE_UNSPECIFIED);
    }
    SECTION("quote of another fixed side") {
        quote.set_fixed(static_cast<v1::FixedSide>(3));
    }
    SECTION("fee to nobody") {
        prepare.mutable_fees(0)->set_participant_id(0);
    }
    SECTION("negative deadline") {
        prepare.set_expires_at_ms(-1);
    }
    CHECK(refusal_of(body) == LedgerError::bad_encoding);
}

TEST_CASE("decode: a UETR that is not version 4 is told apart", "[ledger][wire]") {
    auto body = body_of(Verb::reject);
    auto& uetr = *body.mutable_operations(0)->mutable_reject()->mutable_uetr();
    uetr[6] = '\x11';
    CHECK(refusal_of(body) == LedgerError::not_a_uuid);
}

TEST_CASE("decode: amounts and rates out of range are refused, zero is for the rules",
          "[ledger][wire]") {
    auto body = body_of(Verb::prepare);
    auto& prepare = prepare_of(body);
    SECTION("the largest amount reads") {
        prepare.set_source_minor(999'999'999'999'999);
        CHECK(refusal_of(body) == nothing);
    }
    SECTION("zero and negative amounts read") {
        prepare.set_source_minor(0);
        prepare.set_target_minor(-1);
        CHECK(refusal_of(body) == nothing);
    }
    SECTION("one over the largest") {
        prepare.set_source_minor(1'000'000'000'000'000);
        CHECK(refusal_of(body) == LedgerError::amount_too_large);
    }
    SECTION("the smallest number") {
        prepare.mutable_fees(0)->set_amount_minor(INT64_MIN);
        CHECK(refusal_of(body) == LedgerError::amount_too_large);
    }
    SECTION("a rate of twelve digits") {
        prepare.mutable_quotes(0)->mutable_rate()->set_mantissa(100'000'000'000);
        CHECK(refusal_of(body) == LedgerError::bad_rate);
    }
    SECTION("a rate of eleven decimals") {
        prepare.mutable_quotes(0)->mutable_rate()->set_scale(11);
        CHECK(refusal_of(body) == LedgerError::bad_rate);
    }
}

TEST_CASE("decode: text is UTF-8 without control characters, of a bounded size", "[ledger][wire]") {
    auto body = body_of(Verb::fund_wallet);
    auto& fund = *body.mutable_operations(0)->mutable_fund_wallet();
    SECTION("140 bytes read") {
        fund.set_fiat_reference(Bytes(140, 'x'));
        CHECK(refusal_of(body) == nothing);
    }
    SECTION("accents read") {
        fund.set_fiat_reference("Señor");
        CHECK(refusal_of(body) == nothing);
    }
    const auto text = GENERATE(Bytes(141, 'x'), Bytes("a\nb"), Bytes("a\0b", 3), Bytes("\x7f"),
                               Bytes("\xc2\x85"));
    fund.set_fiat_reference(text);
    CHECK(refusal_of(body) == LedgerError::bad_encoding);
}

TEST_CASE("decode: text that is not UTF-8 is refused", "[ledger][wire]") {
    auto bytes = body_of(Verb::fund_wallet).SerializeAsString();
    const auto at = bytes.find("FPS-0001");
    REQUIRE(at != Bytes::npos);
    bytes[at] = '\xff';
    CHECK(refusal_of(bytes) == LedgerError::bad_encoding);
}

TEST_CASE("decode: enums must name a value that exists", "[ledger][wire]") {
    SECTION("defund step") {
        auto body = body_of(Verb::defund_wallet);
        const auto step = GENERATE(0, 4, -1);
        body.mutable_operations(0)->mutable_defund_wallet()->set_step(
            static_cast<v1::DefundStep>(step));
        CHECK(refusal_of(body) == LedgerError::bad_encoding);
    }
    SECTION("return mode") {
        auto body = body_of(Verb::return_prepare);
        const auto mode = GENERATE(0, 4);
        body.mutable_operations(0)->mutable_return_prepare()->set_mode(
            static_cast<v1::ReturnMode>(mode));
        CHECK(refusal_of(body) == LedgerError::bad_encoding);
    }
    SECTION("attestation kind") {
        auto body = body_of(Verb::attest_cover);
        const auto kind = GENERATE(0, 3);
        body.mutable_operations(0)->mutable_attest_cover()->set_kind(
            static_cast<v1::AttestationKind>(kind));
        CHECK(refusal_of(body) == LedgerError::bad_encoding);
    }
    SECTION("settlement source") {
        auto body = body_of(Verb::settle_confirm);
        const auto source = GENERATE(0, 4);
        body.mutable_operations(0)->mutable_settle_confirm()->set_source(
            static_cast<v1::SettleSource>(source));
        CHECK(refusal_of(body) == LedgerError::bad_encoding);
    }
}

TEST_CASE("decode: an off-ramp step carries its own fields only", "[ledger][wire]") {
    auto body = body_of(Verb::defund_wallet);
    auto& defund = *body.mutable_operations(0)->mutable_defund_wallet();
    SECTION("LOCK with a rail reference") {
        defund.set_rail_reference("R");
    }
    SECTION("LOCK without an asset") {
        defund.clear_asset_id();
    }
    SECTION("FINAL with an amount") {
        defund.set_step(v1::DEFUND_STEP_FINAL);
    }
    SECTION("CANCEL with a rail reference") {
        defund.Clear();
        defund.set_step(v1::DEFUND_STEP_CANCEL);
        defund.set_payout_id(sample_uuid(2).bytes());
        defund.set_rail_reference("R");
    }
    CHECK(refusal_of(body) == LedgerError::bad_encoding);
}

TEST_CASE("decode: LOCK without a tag means the operator's fee account", "[ledger][wire]") {
    auto body = body_of(Verb::defund_wallet);
    body.mutable_operations(0)->mutable_defund_wallet()->clear_tag();
    const auto decoded = wire::from_proto(body.operations(0));
    REQUIRE(decoded.has_value());
    CHECK_FALSE(std::get<DefundWallet>(*decoded).tag.has_value());
}

TEST_CASE("decode: lists inside an operation are bounded", "[ledger][wire]") {
    auto body = body_of(Verb::settle_confirm);
    auto& confirm = *body.mutable_operations(0)->mutable_settle_confirm();
    for (int i = 1; i < 1000; ++i) {
        *confirm.add_entries() = confirm.entries(0);
    }
    CHECK(refusal_of(body) == nothing);
    *confirm.add_entries() = confirm.entries(0);
    CHECK(refusal_of(body) == LedgerError::too_large);
}
