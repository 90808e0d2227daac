#include "ledger/record.h"

#include <catch2/catch.hpp>

#include "ledger/errors.h"
#include "ledger/ids.h"
#include "ledger/operation.h"
#include "ledger/receipt.h"
#include "ledger/return.h"

using namespace remit;          // NOLINT(google-build-using-namespace)
using namespace remit::ledger;  // NOLINT(google-build-using-namespace)

namespace {
Remittance example() {
    Remittance out;
    out.uetr.data[0] = 7;
    out.state = RemittanceState::committed;
    out.payer_operator = {1};
    out.payee_operator = {2};
    out.source = {{1}, 100'000};
    out.target = {{2}, 747'350};
    out.fees = {{.participant = {1}, .amount = 1'200}, {.participant = {3}, .amount = 50}};
    out.exchanges.push_back({.maker = {5}, .source = out.source, .target = out.target});
    out.payee_screening = Screening{.list_hash = {}, .result = 1};
    out.purpose = "FAMI";
    out.timeline.push_back({.state = RemittanceState::prepared, .verb = Verb::prepare});
    return out;
}
}  // namespace

TEST_CASE("record: what is written is read back", "[ledger][record]") {
    const Remittance remittance = example();
    const auto back = decode<Remittance>(encode(remittance));
    REQUIRE(back.has_value());
    CHECK(*back == remittance);
    CHECK(remittance.total_debit() == 101'250);
}

TEST_CASE("record: every truncation, extension and other version is refused", "[ledger][record]") {
    const Bytes bytes = encode(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(decode<Remittance>(ByteView(bytes).substr(0, size)).has_value());
    }
    CHECK_FALSE(decode<Remittance>(bytes + '\0').has_value());
    Bytes other = bytes;
    other[0] = 2;
    CHECK_FALSE(decode<Remittance>(other).has_value());
}

TEST_CASE("record: an enum beyond its last value and a long list are refused", "[ledger][record]") {
    Bytes account = encode(AccountId{{1}, {1}, AccountKind::clearing, {}});
    CHECK(decode<AccountId>(account).has_value());
    account[7] = 7;  // version 1, participant 4, asset 2, then the kind
    CHECK_FALSE(decode<AccountId>(account).has_value());

    Writer writer;
    writer.u8(record_version).fixed(Uuid{}).fixed(Uuid{}).u32(0xFFFFFFFF);
    CHECK_FALSE(decode<Participant>(writer.view()).has_value());
}

TEST_CASE("record: a receipt has the documented layout", "[ledger][record]") {
    Receipt receipt;
    receipt.operation_index = 2;
    receipt.height = 9;
    receipt.time = {1000};
    receipt.participant = {1};
    receipt.verb = Verb::accept;
    receipt.reference = Bytes(16, 'u');
    receipt.code = 405;
    receipt.state = RemittanceState::expired;
    const Bytes bytes = encode(receipt);
    // version, transaction, index, height, time, participant, verb, reference, code, about, state,
    // source, target
    CHECK(bytes.size() == 1 + 32 + 4 + 8 + 8 + 4 + 1 + (4 + 16) + 2 + 4 + 1 + 10 + 10);
    CHECK(decode<Receipt>(bytes) == receipt);
}

TEST_CASE("ids: an account has one textual form", "[ledger][ids]") {
    CustomerTag tag;
    tag.data[15] = 0xAB;
    const AccountId id = customer_account({3}, {1}, tag);
    const std::string text = to_text(id, "HKD");
    CHECK(text == "3/HKD/customer/000000000000000000000000000000ab");
    const auto parsed = account_from_text(text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->participant == ParticipantId{3});
    CHECK(parsed->currency == "HKD");
    CHECK(parsed->tag == tag);
    CHECK(account_from_text("3/HKD/clearing")->kind == AccountKind::clearing);
    const auto bad = GENERATE("", "3", "3/HKD", "x/HKD/fee", "3/HKD/fee/00", "3/HKD/customer/00",
                              "-3/HKD/fee", "3//fee", "99999999999/HKD/fee");
    CAPTURE(bad);
    CHECK_FALSE(account_from_text(bad).has_value());
}

TEST_CASE("operation: verbs have the numbers of the wire", "[ledger][operation]") {
    CHECK(verb_of(OpenAccount{}) == Verb::open_account);
    CHECK(verb_of(AttestReserve{}) == Verb::attest_reserve);
    CHECK(static_cast<int>(verb_of(SetCalendar{})) == 18);
    CHECK(verb_from("return_prepare") == Verb::return_prepare);
    CHECK_FALSE(verb_from("").has_value());
    Prepare prepare;
    prepare.uetr.data[3] = 9;
    CHECK(reference_of(prepare) == prepare.uetr.bytes());
    CHECK(reference_of(BankMark{}).empty());
}

TEST_CASE("operation: a digest tells bodies and verbs apart", "[ledger][operation]") {
    ReturnAccept first;
    ReturnAccept second;
    CHECK(digest_of(first) == digest_of(second));
    second.return_id.data[0] = 1;
    CHECK(digest_of(first) != digest_of(second));
    CHECK(digest_of(AttestCover{}) != digest_of(AttestReserve{}));
}

TEST_CASE("errors: numbers and names lead to the same row", "[ledger][errors]") {
    CHECK(ledger_error_from(std::uint16_t{405}) == LedgerError::late_accept);
    CHECK(ledger_error_from("LATE_ACCEPT") == LedgerError::late_accept);
    CHECK(info_of(LedgerError::late_accept).iso_reason == "AB05");
    CHECK_FALSE(ledger_error_from(std::uint16_t{0}).has_value());
    for (const ErrorInfo& row : error_table()) {
        CHECK(ledger_error_from(row.name) == row.error);
        CHECK(row.iso_reason.size() == 4);
        CHECK_FALSE(row.remedy.empty());
    }
}
