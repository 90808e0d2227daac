#include "ledger/rules/report_evidence.h"

namespace remit::ledger {

RuleResult report_evidence(const ReportEvidence& operation, const OperationContext& context,
                           LedgerState& state) {
    const VotePair& votes = operation.votes;
    // A key that was revoked since answers for what it signed before.
    const auto key = state.key(votes.validator);
    if (!key || key->purpose != KeyPurpose::validate) {
        return fail(Refusal(LedgerError::not_a_validator));
    }
    if (!holds(votes, context.chain_id)) {
        return fail(Refusal(LedgerError::bad_evidence));
    }
    std::size_t kept = 0;
    bool known = false;
    const Bytes own = keys::evidence(votes.validator, votes.epoch, votes.view,
                                     static_cast<std::uint8_t>(votes.kind));
    scan(state.view(), keys::evidence_of(votes.validator), [&](ByteView each, ByteView) {
        ++kept;
        known = known || each == own;
        return kept < evidence_per_validator_max && !known;
    });
    if (known || state.view().get(own)) {
        return fail(Refusal(LedgerError::evidence_known, key->participant));
    }
    if (kept >= evidence_per_validator_max) {
        return fail(Refusal(LedgerError::evidence_enough, key->participant));
    }
    state.put(EvidenceRecord{.votes = votes,
                             .participant = key->participant,
                             .reporter = context.signer,
                             .height = context.height,
                             .time = context.time});
    return Effect{};
}

}  // namespace remit::ledger
