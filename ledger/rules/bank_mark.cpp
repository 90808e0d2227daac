#include "ledger/rules/bank_mark.h"

namespace remit::ledger {

RuleResult bank_mark(const BankMark& operation, const OperationContext& context,
                     LedgerState& state) {
    TRY_ASSIGN(const Asset source, known_asset(state, operation.source));
    TRY_ASSIGN(const Asset target, known_asset(state, operation.target));
    // A bank speaks for the assets it issues, not for a pair of others'.
    if (source.issuer != context.signer && target.issuer != context.signer) {
        return fail(Refusal(LedgerError::not_permitted));
    }
    if (operation.source == operation.target) {
        return fail(Refusal(LedgerError::currency_not_open));
    }
    const Mark mark{.mark_id = operation.mark_id,
                    .source = operation.source,
                    .target = operation.target,
                    .bid = operation.bid,
                    .ask = operation.ask,
                    .valid_from = operation.valid_from,
                    .valid_to = operation.valid_to};
    auto last = state.mark(operation.source, operation.target);
    if (last && *last == mark) {
        return Effect{};
    }
    if (operation.valid_from >= operation.valid_to || operation.valid_to <= context.time) {
        return fail(Refusal(LedgerError::bad_deadline));
    }
    if (operation.mark_id <= (last ? last->mark_id : 0)) {
        return fail(Refusal(LedgerError::mark_not_rising));
    }
    if (!is_valid(operation.bid) || !is_valid(operation.ask) ||
        is_less(operation.ask, operation.bid)) {
        return fail(Refusal(LedgerError::bad_rate));
    }
    if (last) {
        last->superseded_at = context.time;
        state.put(*last);
    }
    state.put(mark);
    return Effect{};
}

}  // namespace remit::ledger
