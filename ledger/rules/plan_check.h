#pragma once

#include <optional>

#include "ledger/base/result.h"
#include "ledger/epoch.h"
#include "ledger/errors.h"

/// What a plan for the next validator set may say, given the epoch it follows.
namespace remit::ledger {

/// Whether the plan can follow `now`. Nodes admit whom the epoch in force or the plan names, so a
/// certificate or VALIDATE key must be one validator's in both.
///
/// Errors: seat_of_another; param_refused (not a governed parameter, one said twice or out of
/// order, a value out of its bounds, or against another one of `now`).
Status<LedgerError> check_against(const EpochPlan& plan, const EpochRecord& now);

/// `EpochRecord::consensus_params` once the plan has begun; those of `now` as they are where it
/// changes none. Empty optional: param_refused.
std::optional<Bytes> params_after(const EpochPlan& plan, const EpochRecord& now);

/// Whether `now` is what the plan asks for.
bool is_in_force(const EpochPlan& plan, const EpochRecord& now);

/// The parameters of an epoch; empty optional: the bytes are none, as in a damaged record.
std::optional<ConsensusParams> params_of(const EpochRecord& epoch);

}  // namespace remit::ledger
