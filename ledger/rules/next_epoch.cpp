#include "ledger/rules/next_epoch.h"

#include <algorithm>

#include "ledger/base/check.h"
#include "ledger/rules/leadership.h"
#include "ledger/rules/plan_check.h"

namespace remit::ledger {

namespace {
bool has_key(const std::vector<EpochValidator>& validators, const PublicKey& key) {
    return std::any_of(validators.begin(), validators.end(),
                       [&](const EpochValidator& each) { return each.validate_key == key; });
}

/// n - f of n validators.
std::size_t quorum_of(std::size_t validators) {
    return validators - faulty_of(validators);
}

/// Whether the plan may be activated now; fills in who is missing.
EpochReason judge(const EpochPlan& plan, const EpochRecord& now, const StateReader& state,
                  std::vector<PublicKey>& not_ready) {
    bool joiner_missing = false;
    for (const EpochValidator& each : plan.validators) {
        if (!is_ready(each.validate_key, plan.protocol_version, state)) {
            not_ready.push_back(each.validate_key);
            joiner_missing = joiner_missing || !has_key(now.validators, each.validate_key);
        }
    }
    if (joiner_missing) {
        return EpochReason::joiner_not_ready;
    }
    return plan.validators.size() - not_ready.size() < quorum_of(plan.validators.size())
               ? EpochReason::quorum_not_ready
               : EpochReason::activated;
}
}  // namespace

bool is_ready(const PublicKey& key, std::uint16_t protocol_version, const StateReader& state) {
    const auto ready = state.ready(key);
    return ready && ready->height + ready_life >= state.head().height &&
           ready->version_min <= protocol_version && protocol_version <= ready->version_max;
}

std::optional<EpochRecord> next_epoch(const StateReader& state) {
    const auto now = state.epoch();
    if (!now) {
        return std::nullopt;
    }
    EpochRecord next = *now;
    ++next.epoch;
    next.reason = EpochReason::unchanged;
    next.not_ready.clear();
    if (const auto plan = state.epoch_plan(); plan && check_against(*plan, *now)) {
        next.reason = judge(*plan, *now, state, next.not_ready);
        if (next.reason == EpochReason::activated) {
            next.validators = plan->validators;
            next.consensus_params = params_after(*plan, *now).value_or(now->consensus_params);
            next.epoch_blocks = plan->epoch_blocks;
            next.protocol_version = plan->protocol_version;
            next.not_ready.clear();
        }
    }
    next.end_height = now->end_height + next.epoch_blocks;
    next.demoted = demoted_of(next, carried_debts(*now, next, state.leader_debts()));
    return next;
}

void begin_epoch(const EpochRecord& next, LedgerState& state) {
    const auto now = state.epoch();
    CHECK(now.has_value() && next.epoch == now->epoch + 1);
    auto debts = carried_debts(*now, next, state.leader_debts());
    for (auto& debt : debts) {
        debt /= 2;
    }
    state.put(LeaderDebts{});  // those of the epoch that is over
    state.put(next);
    state.put(LeaderDebts{.debts = std::move(debts)});
    const auto plan = state.epoch_plan();
    if (plan && (is_in_force(*plan, next) || !check_against(*plan, next))) {
        state.clear_epoch_plan();
    }
}

}  // namespace remit::ledger
