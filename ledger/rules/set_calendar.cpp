#include "ledger/rules/set_calendar.h"

#include "ledger/rules/approval.h"

namespace remit::ledger {

RuleResult set_calendar(const SetCalendar& operation, const OperationContext& context,
                        LedgerState& state) {
    TRY(check_approvals(frame_of(operation), context, state));
    if (!is_well_formed(operation.content) || !next_cut_off(operation.content, context.time)) {
        return fail(Refusal(LedgerError::bad_action));
    }
    TRY(replace_as_signed(frame_of(operation), {keys::GovernedKind::calendar}, context, state));
    state.put(operation.content);
    return Effect{};
}

}  // namespace remit::ledger
