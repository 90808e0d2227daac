#include "ledger/rules/plan_check.h"

#include <algorithm>

namespace remit::ledger {

namespace {
/// Whether `seat` has a certificate or key that another one of the epoch in force has.
bool takes_from_another(const EpochValidator& seat, const EpochRecord& now) {
    return std::any_of(
        now.validators.begin(), now.validators.end(), [&](const EpochValidator& each) {
            return each.name != seat.name && (each.transport_pin == seat.transport_pin ||
                                              each.validate_key == seat.validate_key);
        });
}
}  // namespace

std::optional<ConsensusParams> params_of(const EpochRecord& epoch) {
    Reader reader(epoch.consensus_params);
    const auto out = ConsensusParams::read(reader);
    return reader.done() ? std::optional(out) : std::nullopt;
}

std::optional<Bytes> params_after(const EpochPlan& plan, const EpochRecord& now) {
    if (plan.params.values.empty()) {
        return now.consensus_params;
    }
    const auto before = params_of(now);
    const auto after = before ? changed(*before, plan.params.values) : std::nullopt;
    if (!after) {
        return std::nullopt;
    }
    Writer writer;
    after->write(writer);
    return writer.take();
}

Status<LedgerError> check_against(const EpochPlan& plan, const EpochRecord& now) {
    const bool takes =
        std::any_of(plan.validators.begin(), plan.validators.end(),
                    [&](const EpochValidator& each) { return takes_from_another(each, now); });
    if (takes) {
        return fail(LedgerError::seat_of_another);
    }
    if (!params_after(plan, now)) {
        return fail(LedgerError::param_refused);
    }
    return {};
}

bool is_in_force(const EpochPlan& plan, const EpochRecord& now) {
    return plan.validators == now.validators && plan.epoch_blocks == now.epoch_blocks &&
           plan.protocol_version == now.protocol_version &&
           params_after(plan, now) == now.consensus_params;
}

}  // namespace remit::ledger
