#include "consensus/leader_schedule.h"

#include <algorithm>
#include <utility>

#include "consensus/engine.h"
#include "ledger/base/check.h"

namespace remit::consensus {

bool may_be_demoted(const std::vector<ValidatorIndex>& demoted, const ValidatorSet& set) {
    for (std::size_t i = 0; i < demoted.size(); ++i) {
        if (!set.contains(demoted[i]) || (i > 0 && demoted[i - 1] >= demoted[i])) {
            return false;
        }
    }
    return demoted.size() <= set.f();
}

LeaderSchedule::LeaderSchedule(const Hash& chain_id, const ValidatorSet& set,
                               const std::vector<ValidatorIndex>& demoted) {
    CHECK(set.size() > 0);
    CHECK(may_be_demoted(demoted, set));
    std::vector<std::pair<Hash, ValidatorIndex>> drawn;
    for (std::size_t i = 0; i < set.size(); ++i) {
        Writer writer;
        writer.fixed(chain_id)
            .u64(set.epoch())
            .fixed(set.hash())
            .u32(static_cast<std::uint32_t>(i));
        drawn.emplace_back(remit::hash(domain::schedule, writer.view()),
                           static_cast<ValidatorIndex>(i));
    }
    std::sort(drawn.begin(), drawn.end());
    Writer writer;
    writer.u64(set.epoch());
    for (const auto& [ticket, index] : drawn) {
        if (std::binary_search(demoted.begin(), demoted.end(), index)) {
            continue;
        }
        order_.push_back(index);
        writer.u16(index);
    }
    hash_ = remit::hash(domain::schedule, writer.view());
}

ValidatorIndex LeaderSchedule::leader(View view) const {
    return order_[view % order_.size()];
}

std::vector<std::pair<ValidatorIndex, View>> LeaderSchedule::leaders_between(View after,
                                                                             View before) const {
    std::vector<std::pair<ValidatorIndex, View>> out;
    const View views = before > after ? before - after - 1 : 0;
    const View rounds = views / order_.size();
    const View rest = views % order_.size();
    for (View i = 0; i < order_.size(); ++i) {
        if (const View had = rounds + (i < rest ? 1 : 0); had > 0) {
            out.emplace_back(leader(after + 1 + i), had);
        }
    }
    return out;
}

Hash leader_schedule_hash(const Hash& chain_id, const ValidatorSet& set,
                          const std::vector<ValidatorIndex>& demoted) {
    return LeaderSchedule(chain_id, set, demoted).hash();
}

}  // namespace remit::consensus
