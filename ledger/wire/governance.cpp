#include "ledger/wire/governance.h"

#include <utility>

#include "ledger/wire/field_check.h"
#include "ledger/wire/strict.h"

namespace remit::ledger::wire {

namespace {

void write_content(const ParticipantChange& change, v1::GovernanceAction& action) {
    auto& out = *action.mutable_participant();
    out.set_participant_id(change.id.value);
    out.set_name(change.name);
    for (const Role role : change.roles) {
        out.add_roles(std::string(name_of(role)));
    }
    out.set_bic(change.bic);
    out.set_lei(change.lei);
    out.set_jurisdiction(change.jurisdiction);
    // The wire counts from 1: 0 is UNSPECIFIED.
    out.set_status(static_cast<v1::ParticipantStatus>(static_cast<int>(change.status) + 1));
    for (const NewKey& added : change.add_keys) {
        auto& key = *out.add_add_keys();
        key.set_key(added.key.bytes());
        key.set_purpose(std::string(name_of(added.purpose)));
    }
    for (const PublicKey& revoked : change.revoke_keys) {
        out.add_revoke_keys(revoked.bytes());
    }
}

void write_content(const Policy& policy, v1::GovernanceAction& action) {
    auto& out = *action.mutable_policy();
    out.set_rate_mode(static_cast<v1::RateMode>(policy.rate_mode));
    out.set_rate_band_bps(policy.rate_band_bps);
    out.set_cap_bps(policy.cap_bps);
    out.set_haircut_bps(policy.haircut_bps);
    out.set_quote_life_max_ms(policy.quote_life_max_ms);
    out.set_escrow_life_max_ms(policy.escrow_life_max_ms);
    out.set_return_life_max_ms(policy.return_life_max_ms);
    out.set_pay_in_deadline_ms(policy.pay_in_deadline_ms);
    out.set_attestation_age_max_ms(policy.attestation_age_max_ms);
    out.set_validity_max_ms(policy.validity_max_ms);
    out.set_sweep_per_block_max(policy.sweep_per_block_max);
    out.set_operations_per_envelope_max(policy.operations_per_envelope_max);
    out.set_envelope_bytes_max(policy.envelope_bytes_max);
    for (const Corridor& corridor : policy.corridors) {
        auto& open = *out.add_corridors();
        open.set_source_asset_id(corridor.source.value);
        open.set_target_asset_id(corridor.target.value);
        open.set_single_limit_minor(corridor.single_limit);
    }
    out.set_skew_max_ms(policy.skew_max_ms);
    out.set_govern_threshold(policy.govern_threshold);
}

void write_content(const Calendar& calendar, v1::GovernanceAction& action) {
    auto& out = *action.mutable_calendar();
    for (const CutOff& cut_off : calendar.cut_offs) {
        auto& moment = *out.add_cut_offs();
        moment.set_at_ms(cut_off.at.ms);
        moment.set_value_date(cut_off.value_date);
    }
}

void write_content(const EpochPlan& plan, v1::GovernanceAction& action) {
    *action.mutable_validators() = to_proto(plan);
}

void read_content(const v1::GovernanceAction& action, ParticipantChange& out, FieldCheck& check) {
    check.require(action.has_participant(), LedgerError::bad_action);
    const auto& change = action.participant();
    out.id = check.participant(change.participant_id());
    out.name = check.text(change.name());
    for (const std::string& name : change.roles()) {
        const auto role = role_from(name);
        check.require(role.has_value(), LedgerError::bad_action);
        out.roles.push_back(role.value_or(Role{}));
    }
    out.bic = check.text(change.bic());
    out.lei = check.text(change.lei());
    out.jurisdiction = check.text(change.jurisdiction());
    const bool known = change.status() >= v1::PARTICIPANT_STATUS_ACTIVE &&
                       change.status() <= v1::PARTICIPANT_STATUS_EXITED;
    check.require(known, LedgerError::bad_action);
    out.status = static_cast<ParticipantStatus>(known ? change.status() - 1 : 0);
    if (!check.list(change.add_keys_size()) || !check.list(change.revoke_keys_size())) {
        return;
    }
    for (const v1::KeyRecord& added : change.add_keys()) {
        const auto purpose = key_purpose_from(added.purpose());
        check.require(purpose.has_value(), LedgerError::bad_action);
        out.add_keys.push_back({.key = check.id<PublicKey>(added.key()),
                                .purpose = purpose.value_or(KeyPurpose::operate)});
    }
    for (const std::string& revoked : change.revoke_keys()) {
        out.revoke_keys.push_back(check.id<PublicKey>(revoked));
    }
}

void read_content(const v1::GovernanceAction& action, Policy& out, FieldCheck& check) {
    check.require(action.has_policy(), LedgerError::bad_action);
    const auto& policy = action.policy();
    out.rate_mode = check.enumerator<RateMode>(policy.rate_mode());
    out.rate_band_bps = policy.rate_band_bps();
    out.cap_bps = policy.cap_bps();
    out.haircut_bps = policy.haircut_bps();
    out.quote_life_max_ms = check.time(policy.quote_life_max_ms()).ms;
    out.escrow_life_max_ms = check.time(policy.escrow_life_max_ms()).ms;
    out.return_life_max_ms = check.time(policy.return_life_max_ms()).ms;
    out.pay_in_deadline_ms = check.time(policy.pay_in_deadline_ms()).ms;
    out.attestation_age_max_ms = check.time(policy.attestation_age_max_ms()).ms;
    out.validity_max_ms = check.time(policy.validity_max_ms()).ms;
    out.sweep_per_block_max = policy.sweep_per_block_max();
    out.operations_per_envelope_max = policy.operations_per_envelope_max();
    out.envelope_bytes_max = policy.envelope_bytes_max();
    if (check.list(policy.corridors_size())) {
        for (const v1::Corridor& corridor : policy.corridors()) {
            out.corridors.push_back({.source = check.asset(corridor.source_asset_id()),
                                     .target = check.asset(corridor.target_asset_id()),
                                     .single_limit = check.amount(corridor.single_limit_minor())});
        }
    }
    out.skew_max_ms = check.time(policy.skew_max_ms()).ms;
    out.govern_threshold = policy.govern_threshold();
}

void read_content(const v1::GovernanceAction& action, Calendar& out, FieldCheck& check) {
    check.require(action.has_calendar(), LedgerError::bad_action);
    const auto& calendar = action.calendar();
    check.require(calendar.cut_offs_size() <= static_cast<int>(Calendar::cut_offs_max),
                  LedgerError::too_large);
    if (check.error()) {
        return;
    }
    for (const v1::CutOff& cut_off : calendar.cut_offs()) {
        out.cut_offs.push_back(
            {.at = check.time(cut_off.at_ms()), .value_date = check.text(cut_off.value_date())});
    }
}

void read_content(const v1::GovernanceAction& action, EpochPlan& out, FieldCheck& check) {
    check.require(action.has_validators(), LedgerError::bad_action);
    const auto& plan = action.validators();
    if (!check.list(plan.validators_size())) {
        return;
    }
    for (const v1::PlannedValidator& each : plan.validators()) {
        out.validators.push_back({.participant = check.participant(each.participant_id()),
                                  .name = check.text(each.name()),
                                  .validate_key = check.id<PublicKey>(each.validate_key()),
                                  .transport_pin = check.id<Hash>(each.transport_pin()),
                                  .address = check.text(each.address())});
    }
    out.epoch_blocks = plan.epoch_blocks();
    check.require(plan.protocol_version() <= UINT16_MAX, LedgerError::bad_action);
    out.protocol_version = static_cast<std::uint16_t>(plan.protocol_version());
    const auto& params = plan.parameters();
#define X(number, field, least, most, meaning)                               \
    if (params.has_##field()) {                                              \
        out.params.values.push_back({GovernedParam::field, params.field()}); \
    }
#include "ledger/base/consensus_params.def"
#undef X
    // Said, but empty: the same plan would have two forms.
    check.require(plan.has_parameters() == !out.params.values.empty(), LedgerError::bad_action);
}

template <class Set, class Content>
Set propose_any(const Content& content, const ActionTerms& terms) {
    v1::GovernanceAction action;
    action.set_nonce(terms.nonce.bytes());
    action.set_valid_until_ms(terms.valid_until.ms);
    action.set_as_of_height(terms.as_of_height);
    write_content(content, action);
    Set out;
    out.bytes = action.SerializeAsString();
    out.nonce = terms.nonce;
    out.valid_until = terms.valid_until;
    out.as_of_height = terms.as_of_height;
    out.content = content;
    return out;
}

template <class Set, class Proto>
Result<Set, LedgerError> read_any(const Proto& operation) {
    v1::GovernanceAction action;
    TRY(parse_strict(operation.action(), action));
    FieldCheck check;
    Set out;
    out.bytes = operation.action();
    out.nonce = check.id<Uuid>(action.nonce());
    out.valid_until = check.time(action.valid_until_ms());
    out.as_of_height = action.as_of_height();
    read_content(action, out.content, check);
    if (check.list(operation.approvals_size())) {
        for (const v1::Approval& approval : operation.approvals()) {
            out.approvals.push_back({.key = check.id<PublicKey>(approval.key_id()),
                                     .signature = check.id<Signature>(approval.signature())});
        }
    }
    if (check.error()) {
        return fail(*check.error());
    }
    return out;
}

template <class Proto, class Set>
Proto write_any(const Set& operation) {
    Proto out;
    out.set_action(operation.bytes);
    for (const Approval& approval : operation.approvals) {
        auto& added = *out.add_approvals();
        added.set_key_id(approval.key.bytes());
        added.set_signature(approval.signature.bytes());
    }
    return out;
}

}  // namespace

SetParticipant propose(const ParticipantChange& change, const ActionTerms& terms) {
    return propose_any<SetParticipant>(change, terms);
}
SetPolicy propose(const Policy& policy, const ActionTerms& terms) {
    return propose_any<SetPolicy>(policy, terms);
}
SetCalendar propose(const Calendar& calendar, const ActionTerms& terms) {
    return propose_any<SetCalendar>(calendar, terms);
}

SetValidators propose(const EpochPlan& plan, const ActionTerms& terms) {
    return propose_any<SetValidators>(plan, terms);
}

v1::ValidatorPlan to_proto(const EpochPlan& plan) {
    v1::ValidatorPlan out;
    for (const EpochValidator& validator : plan.validators) {
        auto& each = *out.add_validators();
        each.set_participant_id(validator.participant.value);
        each.set_name(validator.name);
        each.set_validate_key(validator.validate_key.bytes());
        each.set_transport_pin(validator.transport_pin.bytes());
        each.set_address(validator.address);
    }
    out.set_epoch_blocks(plan.epoch_blocks);
    out.set_protocol_version(plan.protocol_version);
    for (const ParamChange& change : plan.params.values) {
        switch (change.param) {
#define X(number, field, least, most, meaning)               \
    case GovernedParam::field:                               \
        out.mutable_parameters()->set_##field(change.value); \
        break;
#include "ledger/base/consensus_params.def"
#undef X
        }
    }
    return out;
}

v1::ConsensusParameters to_proto(const ConsensusParams& params) {
    v1::ConsensusParameters out;
#define X(number, field, least, most, meaning) out.set_##field(params.field);
#include "ledger/base/consensus_params.def"
#undef X
    return out;
}

Approval approve(ByteView action_bytes, const ChainId& chain_id, const SecretKey& key) {
    const auto message = signed_bytes(domain::govern, {chain_id.view(), action_bytes});
    return {.key = key.public_key(), .signature = key.sign(message)};
}

Result<SetParticipant, LedgerError> from_proto(const v1::SetParticipant& operation) {
    return read_any<SetParticipant>(operation);
}
Result<SetPolicy, LedgerError> from_proto(const v1::SetPolicy& operation) {
    return read_any<SetPolicy>(operation);
}
Result<SetCalendar, LedgerError> from_proto(const v1::SetCalendar& operation) {
    return read_any<SetCalendar>(operation);
}
Result<SetValidators, LedgerError> from_proto(const v1::SetValidators& operation) {
    return read_any<SetValidators>(operation);
}

v1::SetParticipant to_proto(const SetParticipant& operation) {
    return write_any<v1::SetParticipant>(operation);
}
v1::SetPolicy to_proto(const SetPolicy& operation) {
    return write_any<v1::SetPolicy>(operation);
}
v1::SetCalendar to_proto(const SetCalendar& operation) {
    return write_any<v1::SetCalendar>(operation);
}
v1::SetValidators to_proto(const SetValidators& operation) {
    return write_any<v1::SetValidators>(operation);
}

}  // namespace remit::ledger::wire
