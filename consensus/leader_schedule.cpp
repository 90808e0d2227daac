#include "consensus/leader_schedule.h"

#include <algorithm>
#include <utility>

#include "consensus/engine.h"
#include "ledger/base/check.h"

namespace remit::consensus {

LeaderSchedule::LeaderSchedule(const Hash& chain_id, const ValidatorSet& set) {
    CHECK(set.size() > 0);
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
        order_.push_back(index);
        writer.u16(index);
    }
    hash_ = remit::hash(domain::schedule, writer.view());
}

ValidatorIndex LeaderSchedule::leader(View view) const {
    return order_[view % order_.size()];
}

Hash leader_schedule_hash(const Hash& chain_id, const ValidatorSet& set) {
    return LeaderSchedule(chain_id, set).hash();
}

}  // namespace remit::consensus
