#include "ledger/wire/encode.h"

#include <catch2/catch.hpp>

#include "ledger/wire/quote.h"
#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;          // NOLINT(google-build-using-namespace)
using namespace remit::ledger;  // NOLINT(google-build-using-namespace)
using namespace remit::test;    // NOLINT(google-build-using-namespace)

TEST_CASE("encode: a quote survives the public form with its signature", "[ledger][wire]") {
    Quote quote;
    for (const Operation& operation : every_operation()) {
        if (const auto* prepare = std::get_if<Prepare>(&operation)) {
            quote = prepare->quotes.at(0);
        }
    }
    const auto back = wire::from_proto(wire::to_proto(quote));
    REQUIRE(back.has_value());
    CHECK(*back == quote);
    CHECK(has_valid_signature(*back, sample_chain));
}

TEST_CASE("encode: a quote with an unknown field or a bad id is refused", "[ledger][wire]") {
    v1::Quote quote;
    CHECK(wire::from_proto(quote).error() == LedgerError::bad_encoding);
    quote.GetReflection()->MutableUnknownFields(&quote)->AddVarint(99, 1);
    CHECK(wire::from_proto(quote).error() == LedgerError::unknown_field);
}

TEST_CASE("encode: a success has no refusal, a refusal has its row of the table",
          "[ledger][wire]") {
    Receipt receipt{.transaction = hash(domain::genesis, "tx"),
                    .operation_index = 3,
                    .height = 7,
                    .time = {1'735'776'000'000},
                    .participant = {1},
                    .verb = Verb::prepare,
                    .reference = sample_uuid(1).bytes(),
                    .code = 0,
                    .about = {},
                    .state = RemittanceState::prepared,
                    .source = {.asset = {1}, .minor = 100'000},
                    .target = {.asset = {2}, .minor = 747'350}};
    auto out = wire::to_proto(receipt);
    CHECK_FALSE(out.has_refusal());
    CHECK(out.verb() == "prepare");
    CHECK(out.state() == "PREPARED");
    CHECK(out.height() == 7);
    CHECK(out.source_minor() == 100'000);
    CHECK(out.target_asset_id() == 2);

    receipt.code = static_cast<std::uint16_t>(LedgerError::ndc_exceeded);
    receipt.about = {5};
    receipt.state = RemittanceState::refused;
    out = wire::to_proto(receipt);
    CHECK(out.refusal().number() == 804);
    CHECK(out.refusal().name() == "NDC_EXCEEDED");
    CHECK(out.refusal().iso_reason() == "AM23");
    CHECK_FALSE(out.refusal().remedy().empty());
    CHECK(out.about_participant_id() == 5);

    receipt.code = 9999;
    CHECK(wire::to_proto(receipt).refusal().number() == 9999);
    CHECK(wire::to_proto(receipt).refusal().name().empty());
}
