#include "ledger/rules/open_account.h"

#include "ledger/posting.h"

namespace remit::ledger {

RuleResult open_account(const OpenAccount& operation, const OperationContext& context,
                        LedgerState& state) {
    TRY_ASSIGN(const Participant signer, registered(state, context.signer));
    if (signer.has(Role::market_maker)) {
        return fail(Refusal(LedgerError::not_permitted));
    }
    if (!is_operating(signer)) {
        return fail(Refusal(LedgerError::participant_suspended));
    }
    TRY(known_asset(state, operation.asset));
    const AccountId id = customer_account(context.signer, operation.asset, operation.tag);
    if (operation.tag.is_zero()) {
        return fail(Refusal(LedgerError::wrong_account));
    }
    if (state.account(id)) {
        return fail(Refusal(LedgerError::account_exists));
    }
    state.put(Account{.id = id, .opened_height = context.height});
    Position position = state.position(context.signer, operation.asset);
    if (!position.holds_customers) {
        position.holds_customers = true;
        state.put(position);
        // From here on its SETTLEMENT is safeguarded, what its fees made of it included.
        if (!is_safeguarded(state, context.signer, operation.asset)) {
            return fail(Refusal(LedgerError::reserve_exceeded));
        }
    }
    return Effect{};
}

}  // namespace remit::ledger
