#include <utility>

#include "ledger/wire/decode.h"
#include "ledger/wire/field_check.h"
#include "ledger/wire/governance.h"
#include "ledger/wire/quote.h"

namespace remit::ledger::wire {

namespace {

OpenAccount read(const v1::OpenAccount& in, FieldCheck& check) {
    return {.asset = check.asset(in.asset_id()), .tag = check.id<CustomerTag>(in.tag())};
}

FundWallet read(const v1::FundWallet& in, FieldCheck& check) {
    return {.asset = check.asset(in.asset_id()),
            .tag = check.id<CustomerTag>(in.tag()),
            .amount = check.amount(in.amount_minor()),
            .fiat_reference = check.text(in.fiat_reference())};
}

// Fields that belong to another step must be absent: nothing a client says is ignored.
DefundWallet read(const v1::DefundWallet& in, FieldCheck& check) {
    DefundWallet out;
    out.step = check.enumerator<DefundStep>(in.step());
    out.payout_id = check.id<PayoutId>(in.payout_id());
    if (out.step == DefundStep::lock) {
        out.asset = check.asset(in.asset_id());
        if (!in.tag().empty()) {
            out.tag = check.id<CustomerTag>(in.tag());
        }
        out.amount = check.amount(in.amount_minor());
    } else {
        check.require(in.asset_id() == 0 && in.tag().empty() && in.amount_minor() == 0);
    }
    out.rail_reference = check.text(in.rail_reference());
    check.require(out.step == DefundStep::final || out.rail_reference.empty());
    return out;
}

BankMark read(const v1::BankMark& in, FieldCheck& check) {
    return {.mark_id = in.mark_id(),
            .source = check.asset(in.source_asset_id()),
            .target = check.asset(in.target_asset_id()),
            .bid = check.rate(in.bid()),
            .ask = check.rate(in.ask()),
            .valid_from = check.time(in.valid_from_ms()),
            .valid_to = check.time(in.valid_to_ms())};
}

Screening read(const v1::Screening& in, FieldCheck& check) {
    check.require(in.result() <= 1);
    return {.list_hash = check.optional_id<Hash>(in.list_hash()), .result = in.result()};
}

Prepare read(const v1::Prepare& in, FieldCheck& check) {
    Prepare out;
    out.uetr = check.uetr(in.uetr());
    out.end_to_end_id = check.text(in.end_to_end_id());
    out.source_asset = check.asset(in.source_asset_id());
    out.payer_tag = check.id<CustomerTag>(in.payer_tag());
    out.payee_operator = check.participant(in.payee_operator_id());
    out.target_asset = check.asset(in.target_asset_id());
    out.payee_tag = check.id<CustomerTag>(in.payee_tag());
    out.source = check.amount(in.source_minor());
    out.target = check.amount(in.target_minor());
    if (check.list(in.quotes_size())) {
        for (const v1::Quote& quote : in.quotes()) {
            out.quotes.push_back(read_quote(quote, check));
        }
    }
    out.fees = read_fees(in.fees(), check);
    out.purpose = check.text(in.purpose());
    out.travel_commit = check.optional_id<Hash>(in.travel_commit());
    out.screening = read(in.screening(), check);
    out.expires_at = check.time(in.expires_at_ms());
    return out;
}

Accept read(const v1::Accept& in, FieldCheck& check) {
    return {.uetr = check.uetr(in.uetr()), .screening = read(in.screening(), check)};
}

Reject read(const v1::Reject& in, FieldCheck& check) {
    return {.uetr = check.uetr(in.uetr()), .reason = check.text(in.reason())};
}

ConfirmCredit read(const v1::ConfirmCredit& in, FieldCheck& check) {
    return {.uetr = check.uetr(in.uetr()),
            .credit_reference = check.text(in.credit_reference()),
            .paid_out = in.paid_out()};
}

FailCredit read(const v1::FailCredit& in, FieldCheck& check) {
    return {.uetr = check.uetr(in.uetr()), .reason = check.text(in.reason())};
}

ReturnPrepare read(const v1::ReturnPrepare& in, FieldCheck& check) {
    return {.return_id = check.id<ReturnId>(in.return_id()),
            .uetr = check.uetr(in.uetr()),
            .source = check.amount(in.source_minor()),
            .target = check.amount(in.target_minor()),
            .mode = check.enumerator<ReturnMode>(in.mode()),
            .reason = check.text(in.reason()),
            .operator_bears = in.operator_bears(),
            .expires_at = check.time(in.expires_at_ms())};
}

ReturnAccept read(const v1::ReturnAccept& in, FieldCheck& check) {
    return {.return_id = check.id<ReturnId>(in.return_id())};
}

template <class Attest, class Proto>
Attest read_attestation(const Proto& in, FieldCheck& check) {
    Attest out;
    out.participant = check.participant(in.participant_id());
    out.asset = check.asset(in.asset_id());
    out.kind = check.enumerator<AttestationKind>(in.kind());
    out.balance = check.amount(in.balance_minor());
    out.as_of_height = in.as_of_height();
    out.statement_reference = check.text(in.statement_reference());
    return out;
}

AttestCover read(const v1::AttestCover& in, FieldCheck& check) {
    return read_attestation<AttestCover>(in, check);
}

AttestReserve read(const v1::AttestReserve& in, FieldCheck& check) {
    return read_attestation<AttestReserve>(in, check);
}

SettleConfirm read(const v1::SettleConfirm& in, FieldCheck& check) {
    SettleConfirm out{.window = WindowId{in.window_id()},
                      .participant = check.participant(in.participant_id()),
                      .asset = check.asset(in.asset_id()),
                      .entries = {},
                      .source = check.enumerator<SettleSource>(in.source())};
    if (check.list(in.entries_size())) {
        for (const v1::BankEntry& entry : in.entries()) {
            out.entries.push_back({.account = check.text(entry.account()),
                                   .booking_date = check.text(entry.booking_date()),
                                   .entry_reference = check.text(entry.entry_reference()),
                                   .amount = check.amount(entry.amount_minor())});
        }
    }
    return out;
}

SettleFail read(const v1::SettleFail& in, FieldCheck& check) {
    return {.window = WindowId{in.window_id()},
            .participant = check.participant(in.participant_id()),
            .asset = check.asset(in.asset_id()),
            .bank_line_reference = check.text(in.bank_line_reference())};
}

Ready read(const v1::Ready& in, FieldCheck& check) {
    check.require(in.version_min() <= UINT16_MAX && in.version_max() <= UINT16_MAX);
    return {.as_of_height = in.as_of_height(),
            .version_min = static_cast<std::uint16_t>(in.version_min()),
            .version_max = static_cast<std::uint16_t>(in.version_max())};
}

ReportEvidence read(const v1::ReportEvidence& in, FieldCheck& check) {
    VotePair out;
    out.kind = check.enumerator<EvidenceKind>(in.kind());
    out.validator = check.id<PublicKey>(in.validator_key());
    out.epoch = in.epoch();
    out.valset_hash = check.id<Hash>(in.valset_hash());
    out.view = in.view();
    if (out.kind == EvidenceKind::nullify_and_finalize) {
        check.require(in.first_digest().empty());
    } else {
        out.first_digest = check.id<Hash>(in.first_digest());
    }
    out.first_signature = check.id<Signature>(in.first_signature());
    out.second_digest = check.id<Hash>(in.second_digest());
    out.second_signature = check.id<Signature>(in.second_signature());
    return {.votes = out};
}

template <class Proto>
Result<Operation, LedgerError> checked(const Proto& in) {
    FieldCheck check;
    Operation out = read(in, check);
    if (check.error()) {
        return fail(*check.error());
    }
    return out;
}

template <class Proto>
Result<Operation, LedgerError> governed(const Proto& in) {
    TRY_ASSIGN(auto out, from_proto(in));
    return Operation(std::move(out));
}

}  // namespace

Result<Operation, LedgerError> from_proto(const v1::Operation& operation) {
    switch (operation.verb_case()) {
        case v1::Operation::kOpenAccount:
            return checked(operation.open_account());
        case v1::Operation::kFundWallet:
            return checked(operation.fund_wallet());
        case v1::Operation::kDefundWallet:
            return checked(operation.defund_wallet());
        case v1::Operation::kBankMark:
            return checked(operation.bank_mark());
        case v1::Operation::kPrepare:
            return checked(operation.prepare());
        case v1::Operation::kAccept:
            return checked(operation.accept());
        case v1::Operation::kReject:
            return checked(operation.reject());
        case v1::Operation::kConfirmCredit:
            return checked(operation.confirm_credit());
        case v1::Operation::kFailCredit:
            return checked(operation.fail_credit());
        case v1::Operation::kReturnPrepare:
            return checked(operation.return_prepare());
        case v1::Operation::kReturnAccept:
            return checked(operation.return_accept());
        case v1::Operation::kAttestCover:
            return checked(operation.attest_cover());
        case v1::Operation::kAttestReserve:
            return checked(operation.attest_reserve());
        case v1::Operation::kSettleConfirm:
            return checked(operation.settle_confirm());
        case v1::Operation::kSettleFail:
            return checked(operation.settle_fail());
        case v1::Operation::kSetParticipant:
            return governed(operation.set_participant());
        case v1::Operation::kSetPolicy:
            return governed(operation.set_policy());
        case v1::Operation::kSetCalendar:
            return governed(operation.set_calendar());
        case v1::Operation::kSetValidators:
            return governed(operation.set_validators());
        case v1::Operation::kReady:
            return checked(operation.ready());
        case v1::Operation::kReportEvidence:
            return checked(operation.report_evidence());
        case v1::Operation::VERB_NOT_SET:
            return fail(LedgerError::bad_encoding);
    }
    return fail(LedgerError::bad_encoding);
}

}  // namespace remit::ledger::wire
