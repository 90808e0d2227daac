#pragma once

#include <cstdint>
#include <map>

#include "consensus/header.h"

namespace remit::consensus {

/// How long large batches take to come from their authors by themselves. Who asks another peer for
/// one that is still on its way makes the same bytes travel twice, and a slow link slower. Nothing
/// here is evidence; it only says how long a request waits.
class Arrivals {
public:
    /// Somebody spoke of a batch that is not here.
    void heard(const Hash& digest, std::int64_t now_ms);
    /// Its author's own copy came, the first or not.
    void came(const Hash& digest, ValidatorIndex author, std::int64_t now_ms);
    /// Forgets what never came. Call once a step.
    void prune(std::int64_t now_ms);
    /// From when a batch is first spoken of to its author's copy: what more than `liars` authors
    /// have lately needed, so that so many cannot make a node wait.
    [[nodiscard]] std::int64_t usual_ms(std::size_t liars) const;

private:
    std::map<Hash, std::int64_t> heard_ms_;
    std::map<ValidatorIndex, std::int64_t> late_ms_;  // rises at once, falls slowly
};

}  // namespace remit::consensus
