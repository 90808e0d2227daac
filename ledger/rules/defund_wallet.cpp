#include "ledger/rules/defund_wallet.h"

namespace remit::ledger {

namespace {
constexpr std::size_t rail_reference_max = 64;

AccountId escrow_of(const Redemption& redemption) {
    return own_account(redemption.owner, redemption.account.asset, AccountKind::escrow);
}

Effect effect_of(const Redemption& redemption) {
    return {.source = {redemption.account.asset, redemption.amount}};
}

RuleResult lock(const DefundWallet& operation, const OperationContext& context,
                LedgerState& state) {
    const Hash body = digest_of(operation);
    if (const auto known = state.redemption(context.signer, operation.payout_id)) {
        if (known->body != body) {
            return fail(Refusal(LedgerError::id_reused));
        }
        return effect_of(*known);
    }
    TRY(known_asset(state, operation.asset));
    const AccountId account =
        operation.tag ? customer_account(context.signer, operation.asset, *operation.tag)
                      : own_account(context.signer, operation.asset, AccountKind::fee);
    if (operation.tag) {
        TRY(check_debit_allowed(state, account));
    }
    const Redemption redemption{.owner = context.signer,
                                .payout_id = operation.payout_id,
                                .body = body,
                                .account = account,
                                .amount = operation.amount,
                                .locked_height = context.height};
    TRY(post(state,
             {.debit = account, .credit = escrow_of(redemption), .amount = operation.amount}));
    state.put(redemption);
    return effect_of(redemption);
}

RuleResult finalise(const DefundWallet& operation, const OperationContext& context,
                    Redemption redemption, LedgerState& state) {
    TRY(check_reference(operation.rail_reference, rail_reference_max));
    if (redemption.state == RedemptionState::paid) {
        if (redemption.rail_reference != operation.rail_reference) {
            return fail(Refusal(LedgerError::id_reused));
        }
        return effect_of(redemption);
    }
    if (redemption.state != RedemptionState::locked) {
        return fail(Refusal(LedgerError::wrong_state));
    }
    const Bytes reference = participant_reference(context.signer, operation.rail_reference);
    if (state.has_reference(keys::ReferenceKind::rail_reference, reference)) {
        return fail(Refusal(LedgerError::reference_used));
    }
    TRY(post(state, {.debit = escrow_of(redemption),
                     .credit = own_account(redemption.owner, redemption.account.asset,
                                           AccountKind::settlement),
                     .amount = redemption.amount}));
    state.claim_reference(keys::ReferenceKind::rail_reference, reference, context.transaction);
    redemption.state = RedemptionState::paid;
    redemption.rail_reference = operation.rail_reference;
    redemption.ended_height = context.height;
    state.put(redemption);
    return effect_of(redemption);
}

RuleResult cancel(const OperationContext& context, Redemption redemption, LedgerState& state) {
    if (redemption.state == RedemptionState::cancelled) {
        return effect_of(redemption);
    }
#ifndef SIM_BUG_refund_of_claimed_payout
    if (redemption.state != RedemptionState::locked) {
        return fail(Refusal(LedgerError::wrong_state));
    }
#endif
    TRY(post_home(state, {.debit = escrow_of(redemption),
                          .credit = redemption.account,
                          .amount = redemption.amount}));
    redemption.state = RedemptionState::cancelled;
    redemption.ended_height = context.height;
    state.put(redemption);
    return effect_of(redemption);
}
}  // namespace

RuleResult defund_wallet(const DefundWallet& operation, const OperationContext& context,
                         LedgerState& state) {
    if (operation.step == DefundStep::unspecified) {
        return fail(Refusal(LedgerError::bad_encoding));
    }
    if (operation.payout_id.is_zero()) {
        return fail(Refusal(LedgerError::bad_reference));
    }
    if (operation.step == DefundStep::lock) {
        return lock(operation, context, state);
    }
    auto redemption = state.redemption(context.signer, operation.payout_id);
    if (!redemption) {
        return fail(Refusal(LedgerError::payout_not_found));
    }
    return operation.step == DefundStep::final
               ? finalise(operation, context, *std::move(redemption), state)
               : cancel(context, *std::move(redemption), state);
}

}  // namespace remit::ledger
