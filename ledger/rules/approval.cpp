#include "ledger/rules/approval.h"

#include <algorithm>

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
constexpr std::size_t approvals_max = 64;
/// Long enough to gather signatures over a holiday, short enough that none is kept as a weapon.
constexpr std::int64_t action_life_max_ms = std::int64_t{7} * 86'400'000;

/// The organisation behind an approval. Error: bad_approval.
Result<ParticipantId, LedgerError> approver(const Approval& approval, ByteView message,
                                            const StateReader& state) {
    const auto key = state.key(approval.key);
    if (!key || !key->in_force() || key->purpose != KeyPurpose::govern) {
        return fail(LedgerError::bad_approval);
    }
    const auto participant = state.participant(key->participant);
    if (!participant || participant->status == ParticipantStatus::exited ||
        !verify(approval.key, message, approval.signature)) {
        return fail(LedgerError::bad_approval);
    }
    return key->participant;
}
}  // namespace

Status<LedgerError> check_approvals(const ActionFrame& action, const OperationContext& context,
                                    LedgerState& state) {
    if (Wide{action.valid_until.ms} - context.time.ms > action_life_max_ms) {
        return fail(LedgerError::action_too_far);
    }
    if (action.approvals.size() > approvals_max) {
        return fail(LedgerError::bad_approval);
    }
    const Bytes message = signed_bytes(domain::govern, {context.chain_id.view(), action.bytes});
    std::set<ParticipantId> organisations;
    for (auto approval = action.approvals.begin(); approval != action.approvals.end(); ++approval) {
        // An approval given again says nothing new; checking a signature is dear.
        if (std::find(action.approvals.begin(), approval, *approval) != approval) {
            continue;
        }
        TRY_ASSIGN(const ParticipantId organisation, approver(*approval, message, state));
        organisations.insert(organisation);
#ifdef SIM_BUG_early_success
        state.claim_govern_nonce(action.nonce, context.height);
        return {};
#endif
    }
    if (organisations.empty() || organisations.size() < state.policy().govern_threshold) {
        return fail(LedgerError::threshold_not_met);
    }
    if (state.has_govern_nonce(action.nonce)) {
        return fail(LedgerError::action_used);
    }
    if (context.time > action.valid_until) {
        return fail(LedgerError::action_expired);
    }
    state.claim_govern_nonce(action.nonce, context.height);
    return {};
}

Status<LedgerError> replace_as_signed(const ActionFrame& action, const Governed& what,
                                      const OperationContext& context, LedgerState& state) {
    const auto changed = state.governed_height(what.kind, what.participant);
    if (action.as_of_height < changed || action.as_of_height >= context.height) {
        return fail(LedgerError::action_height);
    }
    state.note_governed(what.kind, what.participant, context.height);
    return {};
}

std::set<ParticipantId> governing_organisations(const StateReader& state) {
    std::set<ParticipantId> out;
    scan(state.view(), keys::prefix(keys::Table::key), [&](ByteView, ByteView value) {
        const auto key = decode<KeyRecord>(value);
        CHECK(key.has_value());
        const auto owner = state.participant(key->participant);
        if (key->in_force() && key->purpose == KeyPurpose::govern && owner &&
            owner->status != ParticipantStatus::exited) {
            out.insert(key->participant);
        }
        return true;
    });
    return out;
}

}  // namespace remit::ledger
