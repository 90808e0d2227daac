#pragma once

#include <vector>

#include "consensus/validator_set.h"

namespace remit::consensus {

/// Who leads each view of an epoch: a permutation of the set, repeated. Committed in every header,
/// so nodes that computed another one never vote together.
class LeaderSchedule {
public:
    LeaderSchedule(const Hash& chain_id, const ValidatorSet& set);
    [[nodiscard]] ValidatorIndex leader(View view) const;
    [[nodiscard]] const Hash& hash() const { return hash_; }

private:
    std::vector<ValidatorIndex> order_;
    Hash hash_;
};

}  // namespace remit::consensus
