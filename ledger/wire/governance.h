#pragma once

#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/result.h"
#include "ledger/governance.h"
#include "ledger/operation.h"
#include "remit/v1/operation.pb.h"

/// Actions that m of n organisations sign. The order of work: `propose` an action once, hand its
/// bytes to every organisation, collect each one's `approve`, send it in an envelope.
namespace remit::ledger::wire {

/// What an action needs besides its content.
struct ActionTerms {
    Uuid nonce;                  // drawn at random, used once for ever
    BlockTime valid_until;       // at most seven days ahead
    std::uint64_t as_of_height;  // of the state the organisations read
};

/// Actions without approvals. `bytes` is what organisations sign.
SetParticipant propose(const ParticipantChange& change, const ActionTerms& terms);
SetPolicy propose(const Policy& policy, const ActionTerms& terms);
SetCalendar propose(const Calendar& calendar, const ActionTerms& terms);
SetValidators propose(const EpochPlan& plan, const ActionTerms& terms);

/// One organisation's approval, by its GOVERN key, of an action's bytes.
Approval approve(ByteView action_bytes, const ChainId& chain_id, const SecretKey& key);

/// The action that was signed, for an organisation to read before it approves.
/// Errors: bad_encoding, unknown_field, too_large, amount_too_large; bad_action for another kind
/// of action, role, key purpose or status than known.
Result<SetParticipant, LedgerError> from_proto(const v1::SetParticipant& operation);
Result<SetPolicy, LedgerError> from_proto(const v1::SetPolicy& operation);
Result<SetCalendar, LedgerError> from_proto(const v1::SetCalendar& operation);
Result<SetValidators, LedgerError> from_proto(const v1::SetValidators& operation);

/// A set as plans and queries show it.
v1::ValidatorPlan to_proto(const EpochPlan& plan);
/// Those that governance may change, all of them.
v1::ConsensusParameters to_proto(const ConsensusParams& params);
v1::SetParticipant to_proto(const SetParticipant& operation);
v1::SetPolicy to_proto(const SetPolicy& operation);
v1::SetCalendar to_proto(const SetCalendar& operation);
v1::SetValidators to_proto(const SetValidators& operation);

}  // namespace remit::ledger::wire
