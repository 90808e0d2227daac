#include "ledger/rules/set_validators.h"

#include <set>

#include "ledger/base/check.h"
#include "ledger/rules/approval.h"
#include "ledger/rules/plan_check.h"

namespace remit::ledger {

namespace {
constexpr std::size_t name_size_max = 64;
constexpr std::size_t address_size_max = 128;

bool may_validate(const EpochValidator& validator, const StateReader& state) {
    const auto key = state.key(validator.validate_key);
    const auto owner = state.participant(validator.participant);
    return key && key->in_force() && key->purpose == KeyPurpose::validate &&
           key->participant == validator.participant && owner && owner->has(Role::validator) &&
           owner->status != ParticipantStatus::exited;
}

bool is_set(const std::vector<EpochValidator>& validators, const StateReader& state) {
    std::set<Bytes> names;
    std::set<Bytes> addresses;
    std::set<PublicKey> keys;
    std::set<Hash> pins;
    for (const EpochValidator& each : validators) {
        const bool address =
            each.address.empty() || (check_reference(each.address, address_size_max).has_value() &&
                                     addresses.insert(each.address).second);
        if (!address || !check_reference(each.name, name_size_max).has_value() ||
            each.transport_pin.is_zero() || !names.insert(each.name).second ||
            !keys.insert(each.validate_key).second || !pins.insert(each.transport_pin).second ||
            !may_validate(each, state)) {
            return false;
        }
    }
    return true;
}

bool is_workable(const EpochPlan& plan, const StateReader& state) {
    const auto chain = state.chain();
    const auto now = state.epoch();
    if (!chain || !now) {
        return false;
    }
    const std::size_t least = chain->devnet ? 1 : validators_min;
    return plan.validators.size() >= least && plan.validators.size() <= epoch_validators_max &&
           plan.epoch_blocks >= epoch_blocks_min && plan.epoch_blocks <= epoch_blocks_max &&
           (plan.protocol_version == now->protocol_version ||
            plan.protocol_version == now->protocol_version + 1) &&
           is_set(plan.validators, state);
}
}  // namespace

RuleResult set_validators(const SetValidators& operation, const OperationContext& context,
                          LedgerState& state) {
    TRY(check_approvals(frame_of(operation), context, state));
    if (!is_workable(operation.content, state)) {
        return fail(Refusal(LedgerError::bad_action));
    }
    const auto now = state.epoch();
    CHECK(now.has_value());  // is_workable
    TRY(check_against(operation.content, *now));
    TRY(replace_as_signed(frame_of(operation), {keys::GovernedKind::validators}, context, state));
    state.put(operation.content);
    return Effect{};
}

}  // namespace remit::ledger
