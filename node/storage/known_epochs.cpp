#include "node/storage/known_epochs.h"

#include <algorithm>

namespace remit::node {

KnownEpochs::KnownEpochs(const BlockStore& store, const consensus::ValidatorSet& first,
                         const consensus::Params& params)
    : store_(store), entries_{{first.epoch(), {first, params}}} {}

const KnownEpochs::Entry* KnownEpochs::find(consensus::Epoch epoch) const {
    const auto known = entries_.find(epoch);
    if (known != entries_.end()) {
        return &known->second;
    }
    const auto way = or_die(store_.hand_over(epoch));
    if (!way) {
        return nullptr;
    }
    const auto& next = way->next;
    return &entries_.emplace(epoch, Entry{next.set, next.params, next.demoted}).first->second;
}

std::optional<std::size_t> KnownEpochs::quorum(consensus::Epoch epoch) const {
    const auto* known = find(epoch);
    return known != nullptr ? std::optional(known->set.q()) : std::nullopt;
}

std::uint32_t KnownEpochs::lag_max_at(consensus::Epoch epoch) const {
    std::uint32_t out = 1;
    for (const auto each : {epoch, epoch + 1}) {
        if (const auto* known = find(each)) {
            out = std::max(out, known->params.lag_max);
        }
    }
    return out;
}

}  // namespace remit::node
