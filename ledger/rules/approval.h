#pragma once

#include <set>

#include "ledger/governance.h"
#include "ledger/rules/rule.h"

/// What the three governance verbs have in common: m of n organisations signed the same bytes.
namespace remit::ledger {

/// The parts of an action that say who agreed to it.
struct ActionFrame {
    ByteView bytes;
    const std::vector<Approval>& approvals;
    Uuid nonce;
    BlockTime valid_until;
    std::uint64_t as_of_height = 0;
};
template <class C>
ActionFrame frame_of(const Action<C>& action) {
    return {.bytes = action.bytes,
            .approvals = action.approvals,
            .nonce = action.nonce,
            .valid_until = action.valid_until,
            .as_of_height = action.as_of_height};
}

/// What an action replaces.
struct Governed {
    keys::GovernedKind kind;
    ParticipantId participant{};
};

/// Enough organisations approved, nobody used the nonce before (it is used up now), and block time
/// is not past the action's validity. An organisation is a participant with GOVERN keys; however
/// many of its keys sign, it counts once.
/// Errors: action_too_far, bad_approval, threshold_not_met, action_used, action_expired.
Status<LedgerError> check_approvals(const ActionFrame& action, const OperationContext& context,
                                    LedgerState& state);

/// What the action replaces is as it was when it was signed; from now on it was changed in this
/// block. Asked last, of an action that is good in itself. Error: action_height.
Status<LedgerError> replace_as_signed(const ActionFrame& action, const Governed& what,
                                      const OperationContext& context, LedgerState& state);

/// Participants that own a GOVERN key in force and have not left.
std::set<ParticipantId> governing_organisations(const StateReader& state);

}  // namespace remit::ledger
