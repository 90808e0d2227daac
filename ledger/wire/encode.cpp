#include "ledger/wire/encode.h"

#include <utility>
#include <variant>

#include "ledger/errors.h"
#include "ledger/wire/governance.h"
#include "ledger/wire/quote.h"

namespace remit::ledger::wire {

namespace {

void write(const OpenAccount& in, v1::Operation& operation) {
    auto& out = *operation.mutable_open_account();
    out.set_asset_id(in.asset.value);
    out.set_tag(in.tag.bytes());
}

void write(const FundWallet& in, v1::Operation& operation) {
    auto& out = *operation.mutable_fund_wallet();
    out.set_asset_id(in.asset.value);
    out.set_tag(in.tag.bytes());
    out.set_amount_minor(in.amount);
    out.set_fiat_reference(in.fiat_reference);
}

void write(const DefundWallet& in, v1::Operation& operation) {
    auto& out = *operation.mutable_defund_wallet();
    out.set_step(static_cast<v1::DefundStep>(in.step));
    out.set_payout_id(in.payout_id.bytes());
    out.set_asset_id(in.asset.value);
    if (in.tag) {
        out.set_tag(in.tag->bytes());
    }
    out.set_amount_minor(in.amount);
    out.set_rail_reference(in.rail_reference);
}

void write(const BankMark& in, v1::Operation& operation) {
    auto& out = *operation.mutable_bank_mark();
    out.set_mark_id(in.mark_id);
    out.set_source_asset_id(in.source.value);
    out.set_target_asset_id(in.target.value);
    *out.mutable_bid() = to_proto(in.bid);
    *out.mutable_ask() = to_proto(in.ask);
    out.set_valid_from_ms(in.valid_from.ms);
    out.set_valid_to_ms(in.valid_to.ms);
}

// Absent when nothing was screened: zero bytes would be 32 bytes that say nothing.
template <class Message>
void write_screening(const Screening& in, Message& out) {
    if (in == Screening{}) {
        return;
    }
    auto& screening = *out.mutable_screening();
    if (!in.list_hash.is_zero()) {
        screening.set_list_hash(in.list_hash.bytes());
    }
    screening.set_result(in.result);
}

void write(const Prepare& in, v1::Operation& operation) {
    auto& out = *operation.mutable_prepare();
    out.set_uetr(in.uetr.bytes());
    out.set_end_to_end_id(in.end_to_end_id);
    out.set_source_asset_id(in.source_asset.value);
    out.set_payer_tag(in.payer_tag.bytes());
    out.set_payee_operator_id(in.payee_operator.value);
    out.set_target_asset_id(in.target_asset.value);
    out.set_payee_tag(in.payee_tag.bytes());
    out.set_source_minor(in.source);
    out.set_target_minor(in.target);
    for (const Quote& quote : in.quotes) {
        *out.add_quotes() = to_proto(quote);
    }
    for (const Fee& fee : in.fees) {
        *out.add_fees() = to_proto(fee);
    }
    out.set_purpose(in.purpose);
    if (!in.travel_commit.is_zero()) {
        out.set_travel_commit(in.travel_commit.bytes());
    }
    write_screening(in.screening, out);
    out.set_expires_at_ms(in.expires_at.ms);
}

void write(const Accept& in, v1::Operation& operation) {
    auto& out = *operation.mutable_accept();
    out.set_uetr(in.uetr.bytes());
    write_screening(in.screening, out);
}

void write(const Reject& in, v1::Operation& operation) {
    auto& out = *operation.mutable_reject();
    out.set_uetr(in.uetr.bytes());
    out.set_reason(in.reason);
}

void write(const ConfirmCredit& in, v1::Operation& operation) {
    auto& out = *operation.mutable_confirm_credit();
    out.set_uetr(in.uetr.bytes());
    out.set_credit_reference(in.credit_reference);
    out.set_paid_out(in.paid_out);
}

void write(const FailCredit& in, v1::Operation& operation) {
    auto& out = *operation.mutable_fail_credit();
    out.set_uetr(in.uetr.bytes());
    out.set_reason(in.reason);
}

void write(const ReturnPrepare& in, v1::Operation& operation) {
    auto& out = *operation.mutable_return_prepare();
    out.set_return_id(in.return_id.bytes());
    out.set_uetr(in.uetr.bytes());
    out.set_source_minor(in.source);
    out.set_target_minor(in.target);
    out.set_mode(static_cast<v1::ReturnMode>(in.mode));
    out.set_reason(in.reason);
    out.set_operator_bears(in.operator_bears);
    out.set_expires_at_ms(in.expires_at.ms);
}

void write(const ReturnAccept& in, v1::Operation& operation) {
    operation.mutable_return_accept()->set_return_id(in.return_id.bytes());
}

template <class Message>
void write_attestation(const AttestationClaim& in, Message& out) {
    out.set_participant_id(in.participant.value);
    out.set_asset_id(in.asset.value);
    out.set_kind(static_cast<v1::AttestationKind>(in.kind));
    out.set_balance_minor(in.balance);
    out.set_as_of_height(in.as_of_height);
    out.set_statement_reference(in.statement_reference);
}

void write(const AttestCover& in, v1::Operation& operation) {
    write_attestation(in, *operation.mutable_attest_cover());
}

void write(const AttestReserve& in, v1::Operation& operation) {
    write_attestation(in, *operation.mutable_attest_reserve());
}

void write(const SettleConfirm& in, v1::Operation& operation) {
    auto& out = *operation.mutable_settle_confirm();
    out.set_window_id(in.window.value);
    out.set_participant_id(in.participant.value);
    out.set_asset_id(in.asset.value);
    for (const BankEntry& entry : in.entries) {
        auto& added = *out.add_entries();
        added.set_account(entry.account);
        added.set_booking_date(entry.booking_date);
        added.set_entry_reference(entry.entry_reference);
        added.set_amount_minor(entry.amount);
    }
    out.set_source(static_cast<v1::SettleSource>(in.source));
}

void write(const SettleFail& in, v1::Operation& operation) {
    auto& out = *operation.mutable_settle_fail();
    out.set_window_id(in.window.value);
    out.set_participant_id(in.participant.value);
    out.set_asset_id(in.asset.value);
    out.set_bank_line_reference(in.bank_line_reference);
}

void write(const SetParticipant& in, v1::Operation& operation) {
    *operation.mutable_set_participant() = to_proto(in);
}
void write(const SetPolicy& in, v1::Operation& operation) {
    *operation.mutable_set_policy() = to_proto(in);
}
void write(const SetCalendar& in, v1::Operation& operation) {
    *operation.mutable_set_calendar() = to_proto(in);
}
void write(const SetValidators& in, v1::Operation& operation) {
    *operation.mutable_set_validators() = to_proto(in);
}
void write(const Ready& in, v1::Operation& operation) {
    auto& out = *operation.mutable_ready();
    out.set_as_of_height(in.as_of_height);
    out.set_version_min(in.version_min);
    out.set_version_max(in.version_max);
}

void write(const ReportEvidence& in, v1::Operation& operation) {
    const VotePair& votes = in.votes;
    auto& out = *operation.mutable_report_evidence();
    out.set_kind(static_cast<v1::EvidenceKind>(votes.kind));
    out.set_validator_key(votes.validator.bytes());
    out.set_epoch(votes.epoch);
    out.set_valset_hash(votes.valset_hash.bytes());
    out.set_view(votes.view);
    if (!votes.first_digest.is_zero()) {
        out.set_first_digest(votes.first_digest.bytes());
    }
    out.set_first_signature(votes.first_signature.bytes());
    out.set_second_digest(votes.second_digest.bytes());
    out.set_second_signature(votes.second_signature.bytes());
}

}  // namespace

v1::Operation to_proto(const Operation& operation) {
    v1::Operation out;
    std::visit([&out](const auto& verb) { write(verb, out); }, operation);
    return out;
}

Bytes encode_body(const Transaction& transaction) {
    v1::Body body;
    body.set_participant_id(transaction.participant.value);
    body.set_client_key(transaction.client_key.bytes());
    body.set_valid_until_ms(transaction.valid_until.ms);
    body.set_mode(static_cast<v1::Mode>(transaction.mode));
    for (const Operation& operation : transaction.operations) {
        *body.add_operations() = to_proto(operation);
    }
    return body.SerializeAsString();
}

SignedBody sign_transaction(const Transaction& transaction, const SecretKey& key,
                            const ChainId& chain_id) {
    return sign(encode_body(transaction), key, chain_id);
}

v1::Refusal to_proto(LedgerError error) {
    const ErrorInfo& info = info_of(error);
    v1::Refusal out;
    out.set_number(static_cast<std::uint32_t>(error));
    out.set_name(std::string(info.name));
    out.set_iso_reason(std::string(info.iso_reason));
    out.set_meaning(std::string(info.meaning));
    out.set_remedy(std::string(info.remedy));
    return out;
}

v1::Receipt to_proto(const Receipt& receipt) {
    v1::Receipt out;
    out.set_transaction_id(receipt.transaction.bytes());
    out.set_operation_index(receipt.operation_index);
    out.set_height(receipt.height);
    out.set_time_ms(receipt.time.ms);
    out.set_participant_id(receipt.participant.value);
    out.set_verb(std::string(name_of(receipt.verb)));
    out.set_reference(receipt.reference);
    if (!receipt.ok()) {
        const auto error = ledger_error_from(receipt.code);
        if (error) {
            *out.mutable_refusal() = to_proto(*error);
        } else {
            out.mutable_refusal()->set_number(receipt.code);
        }
    }
    out.set_state(std::string(name_of(receipt.state)));
    out.set_source_asset_id(receipt.source.asset.value);
    out.set_source_minor(receipt.source.minor);
    out.set_target_asset_id(receipt.target.asset.value);
    out.set_target_minor(receipt.target.minor);
    out.set_about_participant_id(receipt.about.value);
    return out;
}

}  // namespace remit::ledger::wire
