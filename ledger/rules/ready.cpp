#include "ledger/rules/ready.h"

#include <algorithm>

namespace remit::ledger {

namespace {
bool lists(const std::vector<EpochValidator>& validators, const OperationContext& context) {
    return std::any_of(validators.begin(), validators.end(), [&](const EpochValidator& each) {
        return each.validate_key == context.key && each.participant == context.signer;
    });
}
}  // namespace

RuleResult ready(const Ready& operation, const OperationContext& context, LedgerState& state) {
    const auto now = state.epoch();
    const auto plan = state.epoch_plan();
    if (!(now && lists(now->validators, context)) && !(plan && lists(plan->validators, context))) {
        return fail(Refusal(LedgerError::not_listed));
    }
    if (operation.as_of_height >= context.height ||
        context.height - operation.as_of_height > ready_lag_max || operation.version_min == 0 ||
        operation.version_min > operation.version_max) {
        return fail(Refusal(LedgerError::not_following));
    }
    state.put(context.key, ReadyRecord{.height = context.height,
                                       .version_min = operation.version_min,
                                       .version_max = operation.version_max});
    return Effect{};
}

}  // namespace remit::ledger
