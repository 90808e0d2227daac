#include "ledger/rules/fund_wallet.h"

namespace remit::ledger {

namespace {
constexpr std::size_t fiat_reference_max = 64;
}  // namespace

RuleResult fund_wallet(const FundWallet& operation, const OperationContext& context,
                       LedgerState& state) {
    TRY(check_reference(operation.fiat_reference, fiat_reference_max));
    const Effect effect{.target = {operation.asset, operation.amount}};
    const Bytes reference = participant_reference(context.signer, operation.fiat_reference);
    const Hash body = digest_of(operation);
    const auto claimed = state.reference(keys::ReferenceKind::fiat_reference, reference);
#ifdef SIM_BUG_deposit_not_claimed
    const bool known = claimed && claimed->body != body;
#else
    const bool known = claimed.has_value();
#endif
    if (known) {
        if (claimed->body != body) {
            return fail(Refusal(LedgerError::id_reused));
        }
        return effect;
    }
    TRY_ASSIGN(const Participant signer, registered(state, context.signer));
    if (!is_operating(signer)) {
        return fail(Refusal(LedgerError::participant_suspended));
    }
    TRY(known_asset(state, operation.asset));
    const AccountId customer = customer_account(context.signer, operation.asset, operation.tag);
    TRY(check_credit_allowed(state, customer));
    TRY(check_amount(operation.amount));
    const Position position = state.position(context.signer, operation.asset);
    if (!is_fresh(position.reserve_attested, context.time, state.policy())) {
        return fail(Refusal(LedgerError::attestation_stale));
    }
    TRY(post(state, {.debit = own_account(context.signer, operation.asset, AccountKind::settlement),
                     .credit = customer,
                     .amount = operation.amount}));
    if (!is_safeguarded(state, context.signer, operation.asset)) {
        return fail(Refusal(LedgerError::reserve_exceeded));
    }
    state.claim_reference(keys::ReferenceKind::fiat_reference, reference,
                          ReferenceRecord{.transaction = context.transaction, .body = body});
    return effect;
}

}  // namespace remit::ledger
