#include "ledger/rules/attestation.h"

#include <algorithm>

namespace remit::ledger {

namespace {
constexpr std::size_t statement_size_max = 35;  // ISO 20022 Max35Text

Status<LedgerError> check_claim(const AttestationClaim& claim, const OperationContext& context,
                                const StateReader& state) {
    TRY_ASSIGN(const Asset asset, known_asset(state, claim.asset));
    if (asset.issuer != context.signer) {
        return fail(LedgerError::not_permitted);
    }
    TRY(registered(state, claim.participant));
    if (claim.participant == context.signer) {
        return fail(LedgerError::own_attestation);
    }
    if (claim.kind == AttestationKind::unspecified) {
        return fail(LedgerError::bad_encoding);
    }
    TRY(check_reference(claim.statement_reference, statement_size_max));
    if (claim.balance < 0) {
        return fail(LedgerError::negative_amount);
    }
    if (claim.balance > amount_max) {
        return fail(LedgerError::amount_too_large);
    }
    return {};
}
}  // namespace

Result<AttestedFigure, LedgerError> attested_figure(const AttestationClaim& claim, const Hash& body,
                                                    keys::CashBook book,
                                                    const OperationContext& context,
                                                    LedgerState& state) {
    TRY(check_claim(claim, context, state));
    const Position position = state.position(claim.participant, claim.asset);
    const bool is_cover = book == keys::CashBook::cover;
    const Minor current = is_cover ? position.cover : position.reserve;
    const Bytes name = participant_reference(context.signer, claim.statement_reference);
    if (const auto known = state.reference(keys::ReferenceKind::statement, name)) {
        if (known->body != body) {
            return fail(LedgerError::id_reused);
        }
        return AttestedFigure{.figure = current, .is_retry = true};
    }
    const Attestation& last = is_cover ? position.cover_attested : position.reserve_attested;
    // Not the running height: operations after this one in the block could move cash too.
    if (claim.as_of_height < last.as_of_height || claim.as_of_height >= context.height) {
        return fail(LedgerError::attestation_height);
    }
    const CashAccount account{.participant = claim.participant, .asset = claim.asset, .book = book};
    const Wide later = movements_after(state, account, claim.as_of_height);
    const Wide figure = std::max<Wide>(0, claim.balance + later);
    if (figure > amount_max) {
        return fail(LedgerError::amount_too_large);
    }
    if (claim.kind == AttestationKind::release && figure > current) {
        return fail(LedgerError::amount_differs);
    }
    state.claim_reference(keys::ReferenceKind::statement, name,
                          ReferenceRecord{.transaction = context.transaction, .body = body});
    forget_movements(state, account, claim.as_of_height);
    return AttestedFigure{.figure = static_cast<Minor>(figure), .is_retry = false};
}

}  // namespace remit::ledger
