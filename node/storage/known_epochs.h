#pragma once

#include <map>

#include "consensus/params.h"
#include "node/storage/block_store.h"

namespace remit::node {

/// Sets, leaders and parameters by epoch: the first one's from genesis, those of later ones from
/// the stored ways into them. One thread at a time.
class KnownEpochs {
public:
    struct Entry {
        consensus::ValidatorSet set;
        consensus::Params params;
        std::vector<consensus::ValidatorIndex> demoted = {};
    };
    KnownEpochs(const BlockStore& store, const consensus::ValidatorSet& first,
                const consensus::Params& params);

    /// Null: the way into it is not stored here yet.
    [[nodiscard]] const Entry* find(consensus::Epoch epoch) const;
    /// Votes in a certificate of its set.
    [[nodiscard]] std::optional<std::size_t> quorum(consensus::Epoch epoch) const;
    /// MAX_LAG of this epoch or of the next, which may have begun already: the larger one.
    [[nodiscard]] std::uint32_t lag_max_at(consensus::Epoch epoch) const;

private:
    const BlockStore& store_;
    mutable std::map<consensus::Epoch, Entry> entries_;
};

}  // namespace remit::node
