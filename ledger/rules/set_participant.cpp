#include "ledger/rules/set_participant.h"

#include <algorithm>

#include "ledger/base/check.h"
#include "ledger/rules/approval.h"
#include "ledger/rules/standing.h"

namespace remit::ledger {

namespace {
constexpr std::size_t name_size_max = 64;
constexpr std::size_t keys_max = 64;  // added or revoked at once

bool is_upper_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_code(ByteView text, std::size_t size) {
    return text.size() == size && std::all_of(text.begin(), text.end(), is_upper_or_digit);
}

/// Codes may be left out: not every participant has them. ISO 9362, ISO 17442, ISO 3166-1 alpha-2.
bool has_form(const ParticipantChange& change) {
    const bool codes = (change.bic.empty() || is_code(change.bic, 8) || is_code(change.bic, 11)) &&
                       (change.lei.empty() || is_code(change.lei, 20)) &&
                       (change.jurisdiction.empty() || is_code(change.jurisdiction, 2));
    const bool roles_rise = std::adjacent_find(change.roles.begin(), change.roles.end(),
                                               std::greater_equal<>()) == change.roles.end();
    return change.id.value != 0 && check_reference(change.name, name_size_max).has_value() &&
           codes && roles_rise && change.add_keys.size() <= keys_max &&
           change.revoke_keys.size() <= keys_max;
}

struct Holdings {
    bool customers = false;
    bool anything = false;  // a balance, a position or cash at the bank
};

Holdings holdings_of(const StateReader& state, ParticipantId participant) {
    Holdings out;
    scan(state.view(), keys::positions_of(participant.value), [&](ByteView, ByteView value) {
        const auto position = decode<Position>(value);
        CHECK(position.has_value());
        out.customers = out.customers || position->holds_customers;
        out.anything = out.anything || position->net() != 0 || position->reserved != 0 ||
                       position->cover != 0 || position->reserve != 0 || !position->due.empty();
        return true;
    });
    scan(state.view(), keys::accounts_of(participant.value), [&](ByteView, ByteView value) {
        const auto account = decode<Account>(value);
        CHECK(account.has_value());
        out.anything = out.anything || account->balance != 0;
        return !out.anything;
    });
    return out;
}

bool issues_assets(const StateReader& state, ParticipantId participant) {
    bool out = false;
    scan(state.view(), keys::prefix(keys::Table::asset), [&](ByteView, ByteView value) {
        const auto asset = decode<Asset>(value);
        CHECK(asset.has_value());
        out = out || asset->issuer == participant;
        return !out;
    });
    return out;
}

/// What others rely on stays: roles and membership go only when nothing hangs on them.
bool leaves_no_orphans(const Participant& after, const StateReader& state) {
    if (after.has(Role::wallet_operator) && after.has(Role::market_maker)) {
        return false;  // who is both is two participants (ledger.md 2)
    }
    const Holdings holdings = holdings_of(state, after.id);
    const bool issues = issues_assets(state, after.id);
    const bool leaving = after.status == ParticipantStatus::exited;
    return (!holdings.customers || after.has(Role::wallet_operator)) &&
           (!issues || after.has(Role::clearing_bank)) &&
           !(leaving && (holdings.anything || issues));
}

/// TRANSPORT keys are hashes of P-256 keys, so they are no points of our curve.
/// Error: key_in_use.
Status<LedgerError> add_keys(const ParticipantChange& change, std::uint64_t height,
                             LedgerState& state) {
    for (const NewKey& added : change.add_keys) {
        const bool acceptable = added.purpose == KeyPurpose::transport || is_acceptable(added.key);
        if (!acceptable || state.key(added.key)) {
            return fail(LedgerError::key_in_use);
        }
        state.put(KeyRecord{.key = added.key,
                            .participant = change.id,
                            .purpose = added.purpose,
                            .from_height = height,
                            .revoked_height = 0});
    }
    return {};
}

/// Error: bad_action.
Status<LedgerError> revoke_keys(const ParticipantChange& change, std::uint64_t height,
                                LedgerState& state) {
    for (const PublicKey& revoked : change.revoke_keys) {
        auto key = state.key(revoked);
        if (!key || key->participant != change.id || !key->in_force()) {
            return fail(LedgerError::bad_action);
        }
        key->revoked_height = height;
        state.put(*key);
    }
    return {};
}

Participant changed(const ParticipantChange& change, const std::optional<Participant>& before) {
    Participant out = before.value_or(Participant{});
    out.id = change.id;
    out.name = change.name;
    out.roles = change.roles;
    out.bic = change.bic;
    out.lei = change.lei;
    out.jurisdiction = change.jurisdiction;
    if (change.status != out.status) {
        out.restricted_by_ledger = false;
        out.failed_legs = change.status == ParticipantStatus::active ? 0 : out.failed_legs;
    }
    out.status = change.status;
    return out;
}
}  // namespace

RuleResult set_participant(const SetParticipant& operation, const OperationContext& context,
                           LedgerState& state) {
    TRY(check_approvals(frame_of(operation), context, state));
    const ParticipantChange& change = operation.content;
    if (!has_form(change)) {
        return fail(Refusal(LedgerError::bad_action));
    }
    const auto before = state.participant(change.id);
    const Participant after = changed(change, before);
    if (!leaves_no_orphans(after, state)) {
        return fail(Refusal(LedgerError::bad_action));
    }
    state.put(after);
    TRY(revoke_keys(change, context.height, state));
    TRY(add_keys(change, context.height, state));
    if (governing_organisations(state).size() < state.policy().govern_threshold) {
        return fail(Refusal(LedgerError::bad_action));
    }
    TRY(replace_as_signed(frame_of(operation), {keys::GovernedKind::participant, change.id},
                          context, state));
    if (before && before->status != after.status && after.status == ParticipantStatus::active) {
        unlock_cover(state, change.id);
    }
    return Effect{};
}

}  // namespace remit::ledger
