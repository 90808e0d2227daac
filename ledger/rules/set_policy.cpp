#include "ledger/rules/set_policy.h"

#include <set>
#include <utility>
#include <vector>

#include "ledger/base/check.h"
#include "ledger/rules/approval.h"
#include "ledger/rules/standing.h"

namespace remit::ledger {

namespace {
constexpr std::uint32_t bps_whole = 10'000;
constexpr std::uint32_t cap_bps_max = 100'000;  // ten times the cover: beyond is a slip
constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t duration_ms_max = 400 * day_ms;  // any longer one is a slip
constexpr std::int64_t quote_life_ms_min = 5'000;       // remittance.md 3.5: 5 to 600 s
constexpr std::int64_t quote_life_ms_max = 600'000;
constexpr std::int64_t skew_ms_max = 60'000;
constexpr std::uint32_t envelope_bytes_min = 16'384;  // a governance envelope must fit in
constexpr std::uint32_t sweep_max = 100'000;

bool is_duration(std::int64_t ms) {
    return ms > 0 && ms <= duration_ms_max;
}

bool has_workable_times(const Policy& policy) {
    return policy.quote_life_max_ms >= quote_life_ms_min &&
           policy.quote_life_max_ms <= quote_life_ms_max &&
           is_duration(policy.escrow_life_max_ms) && policy.escrow_life_max_ms <= day_ms &&
           is_duration(policy.return_life_max_ms) && policy.return_life_max_ms <= day_ms &&
           is_duration(policy.pay_in_deadline_ms) && is_duration(policy.attestation_age_max_ms) &&
           is_duration(policy.validity_max_ms) && policy.validity_max_ms <= day_ms &&
           policy.skew_max_ms >= 0 && policy.skew_max_ms <= skew_ms_max;
}

bool has_workable_shares(const Policy& policy) {
    return policy.rate_mode != RateMode::unspecified && policy.rate_band_bps <= bps_whole &&
           policy.cap_bps > 0 && policy.cap_bps <= cap_bps_max && policy.haircut_bps < bps_whole;
}

bool has_workable_limits(const Policy& policy) {
    return policy.sweep_per_block_max > 0 && policy.sweep_per_block_max <= sweep_max &&
           policy.operations_per_envelope_max > 0 &&
           policy.envelope_bytes_max >= envelope_bytes_min;
}

bool has_workable_corridors(const Policy& policy, const StateReader& state) {
    std::set<std::pair<AssetId, AssetId>> seen;
    for (const Corridor& corridor : policy.corridors) {
        if (!state.asset(corridor.source) || !state.asset(corridor.target) ||
            corridor.single_limit <= 0 || corridor.single_limit > amount_max ||
            !seen.emplace(corridor.source, corridor.target).second) {
            return false;
        }
    }
    return true;
}

/// Positions do not change, but what they may be does.
void review_all(LedgerState& state, const Policy& policy) {
    std::vector<std::pair<ParticipantId, AssetId>> all;
    scan(state.view(), keys::prefix(keys::Table::position), [&](ByteView, ByteView value) {
        const auto position = decode<Position>(value);
        CHECK(position.has_value());
        all.emplace_back(position->participant, position->asset);
        return true;
    });
    for (const auto& [participant, asset] : all) {
        review_standing(state, participant, asset, policy);
    }
}
}  // namespace

bool is_workable(const Policy& policy, const StateReader& state) {
    const auto organisations = governing_organisations(state).size();
    return has_workable_times(policy) && has_workable_shares(policy) &&
           has_workable_limits(policy) && has_workable_corridors(policy, state) &&
           policy.govern_threshold > 0 && policy.govern_threshold <= organisations;
}

RuleResult set_policy(const SetPolicy& operation, const OperationContext& context,
                      LedgerState& state) {
    TRY(check_approvals(frame_of(operation), context, state));
    if (!is_workable(operation.content, state)) {
        return fail(Refusal(LedgerError::bad_action));
    }
    TRY(replace_as_signed(frame_of(operation), {keys::GovernedKind::policy}, context, state));
    state.put(operation.content);
    review_all(state, operation.content);
    return Effect{};
}

}  // namespace remit::ledger
