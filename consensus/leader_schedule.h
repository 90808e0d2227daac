#pragma once

#include <utility>
#include <vector>

#include "consensus/validator_set.h"

namespace remit::consensus {

/// Whether these validators of the set may be left out of its leaders: ascending indexes, at most
/// f, so that among the leaders the honest keep their majority.
bool may_be_demoted(const std::vector<ValidatorIndex>& demoted, const ValidatorSet& set);

/// Who leads each view of an epoch: a permutation of the set without those demoted, repeated.
/// Committed in every header, so nodes that computed another one never vote together.
class LeaderSchedule {
public:
    /// `demoted` as may_be_demoted() demands.
    LeaderSchedule(const Hash& chain_id, const ValidatorSet& set,
                   const std::vector<ValidatorIndex>& demoted = {});
    [[nodiscard]] ValidatorIndex leader(View view) const;
    /// How many of the views above `after` and below `before` each leader had, those with none
    /// left out. Whatever the gap, as much work as there are leaders.
    [[nodiscard]] std::vector<std::pair<ValidatorIndex, View>> leaders_between(View after,
                                                                               View before) const;
    [[nodiscard]] const Hash& hash() const { return hash_; }

private:
    std::vector<ValidatorIndex> order_;
    Hash hash_;
};

}  // namespace remit::consensus
