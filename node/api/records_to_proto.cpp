#include "node/api/records_to_proto.h"

#include <algorithm>
#include <cctype>

#include "ledger/posting.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/quote.h"

namespace remit::node {

namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace): this file names little else

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

void put(v1::AccountId& out, const AccountId& id) {
    out.set_participant_id(id.participant.value);
    out.set_asset_id(id.asset.value);
    out.set_kind(upper(name_of(id.kind)));
    if (id.kind == AccountKind::customer) {
        out.set_tag(id.tag.bytes());
    }
}

void put(v1::TimelineStep& out, const TimelineStep& step) {
    out.set_state(std::string(name_of(step.state)));
    out.set_verb(std::string(name_of(step.verb)));
    out.set_height(step.height);
    out.set_time_ms(step.time.ms);
    out.set_participant_id(step.participant.value);
    if (!step.key.is_zero()) {
        out.set_key_id(step.key.bytes());
    }
    out.set_iso_status(std::string(iso_status_of(step.state)));
}

}  // namespace

v1::Account to_proto(const Account& account) {
    v1::Account out;
    put(*out.mutable_id(), account.id);
    out.set_balance_minor(account.balance);
    out.set_frozen_debit(account.frozen_debit);
    out.set_frozen_credit(account.frozen_credit);
    out.set_closed(account.closed);
    return out;
}

v1::Remittance to_proto(const Remittance& remittance, BlockTime now) {
    v1::Remittance out;
    out.set_uetr(remittance.uetr.bytes());
    out.set_state(std::string(name_of(remittance.state_at(now))));
    out.set_payer_operator_id(remittance.payer_operator.value);
    out.set_payer_tag(remittance.payer_tag.bytes());
    out.set_payee_operator_id(remittance.payee_operator.value);
    out.set_payee_tag(remittance.payee_tag.bytes());
    out.set_source_asset_id(remittance.source.asset.value);
    out.set_source_minor(remittance.source.minor);
    out.set_target_asset_id(remittance.target.asset.value);
    out.set_target_minor(remittance.target.minor);
    for (const auto& fee : remittance.fees) {
        *out.add_fees() = wire::to_proto(fee);
    }
    for (const auto& exchange : remittance.exchanges) {
        out.add_maker_ids(exchange.maker.value);
    }
    if (!remittance.exchanges.empty()) {
        *out.mutable_rate() = wire::to_proto(remittance.exchanges.front().rate);
    }
    out.set_expires_at_ms(remittance.expires_at.ms);
    out.set_reason(remittance.reason);
    if (remittance.reason.empty() && remittance.refusal != 0) {
        if (const auto error = ledger_error_from(remittance.refusal)) {
            out.set_reason(std::string(info_of(*error).name));
        }
    }
    out.set_window_id(remittance.window.value);
    for (const auto& step : remittance.timeline) {
        put(*out.add_timeline(), step);
    }
    out.set_end_to_end_id(remittance.end_to_end_id);
    out.set_purpose(remittance.purpose);
    out.set_returned_source_minor(remittance.returned_source);
    out.set_returned_target_minor(remittance.returned_target);
    return out;
}

v1::BankMark to_proto(const Mark& mark) {
    v1::BankMark out;
    out.set_mark_id(mark.mark_id);
    out.set_source_asset_id(mark.source.value);
    out.set_target_asset_id(mark.target.value);
    *out.mutable_bid() = wire::to_proto(mark.bid);
    *out.mutable_ask() = wire::to_proto(mark.ask);
    out.set_valid_from_ms(mark.valid_from.ms);
    out.set_valid_to_ms(mark.valid_to.ms);
    return out;
}

v1::Participant to_proto(const Participant& participant) {
    v1::Participant out;
    out.set_participant_id(participant.id.value);
    out.set_name(participant.name);
    for (const auto role : participant.roles) {
        out.add_roles(std::string(name_of(role)));
    }
    // The Protobuf numbers are the ledger's plus the leading UNSPECIFIED.
    out.set_status(static_cast<v1::ParticipantStatus>(static_cast<int>(participant.status) + 1));
    out.set_bic(participant.bic);
    return out;
}

v1::Asset to_proto(const Asset& asset) {
    v1::Asset out;
    out.set_asset_id(asset.id.value);
    out.set_currency(asset.currency);
    out.set_issuer_id(asset.issuer.value);
    out.set_exponent(asset.exponent);
    return out;
}

v1::Evidence to_proto(const ledger::EvidenceRecord& evidence) {
    v1::Evidence out;
    const auto operation =
        ledger::wire::to_proto(ledger::Operation(ledger::ReportEvidence{evidence.votes}));
    *out.mutable_votes() = operation.report_evidence();
    out.set_participant_id(evidence.participant.value);
    out.set_reporter_id(evidence.reporter.value);
    out.set_height(evidence.height);
    out.set_time_ms(evidence.time.ms);
    return out;
}

v1::Position to_proto(const Position& position, const Policy& policy) {
    v1::Position out;
    out.set_participant_id(position.participant.value);
    out.set_asset_id(position.asset.value);
    out.set_position_minor(position.net());
    out.set_open_minor(position.open);
    out.set_reserved_minor(position.reserved);
    out.set_cap_minor(cap_of(position, policy));
    out.set_cover_minor(position.cover);
    out.set_locked_minor(position.locked);
    out.set_reserve_minor(position.reserve);
    out.set_over_cap(position.over_cap);
    out.set_shortfall(position.shortfall);
    return out;
}

v1::Window to_proto(const Window& window, const StateReader& state) {
    v1::Window out;
    out.set_window_id(window.id.value);
    out.set_state(std::string(name_of(window.state)));
    out.set_closed_at_ms(window.closed_at.ms);
    out.set_closed_height(window.closed_height);
    out.set_value_date(window.value_date);
    out.set_pay_in_deadline_ms(window.pay_in_deadline.ms);
    scan(state.view(), keys::legs_of(window.id.value), [&](ByteView, ByteView value) {
        if (const auto leg = decode<Leg>(value)) {
            auto& entry = *out.add_legs();
            entry.set_participant_id(leg->participant.value);
            entry.set_asset_id(leg->asset.value);
            entry.set_net_minor(leg->net);
            entry.set_due_minor(state.position(leg->participant, leg->asset).due_of(window.id));
            entry.set_state(std::string(name_of(leg->state)));
        }
        return true;
    });
    return out;
}

v1::LedgerEvent to_proto(const LedgerEvent& event) {
    v1::LedgerEvent out;
    out.set_kind(std::string(name_of(event.kind)));
    out.set_reference(event.reference);
    out.set_window_id(event.window.value);
    return out;
}

std::optional<AccountId> account_id_from(const v1::AccountId& id) {
    const auto kind = account_kind_from(id.kind());
    if (!kind || id.participant_id() == 0 || id.asset_id() == 0 || id.asset_id() > 0xFFFF) {
        return std::nullopt;
    }
    const ParticipantId participant{id.participant_id()};
    const AssetId asset{static_cast<std::uint16_t>(id.asset_id())};
    if (*kind != AccountKind::customer) {
        return id.tag().empty() ? std::optional(own_account(participant, asset, *kind))
                                : std::nullopt;
    }
    const auto tag = CustomerTag::from(id.tag());
    if (!tag || tag->is_zero()) {
        return std::nullopt;
    }
    return customer_account(participant, asset, *tag);
}

}  // namespace remit::node
