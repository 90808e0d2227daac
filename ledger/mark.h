#pragma once

#include "ledger/base/time.h"
#include "ledger/fx.h"
#include "ledger/ids.h"
#include "ledger/record.h"

namespace remit::ledger {

/// The clearing bank's reference rates for a pair, valid in block time: from <= t < to.
struct Mark {
    std::uint64_t mark_id = 0;  // rising per pair
    AssetId source{};
    AssetId target{};
    Rate bid{};
    Rate ask{};
    BlockTime valid_from{};
    BlockTime valid_to{};
    BlockTime superseded_at{};  // block time of the pair's next mark; 0: newest

    [[nodiscard]] bool is_valid_at(BlockTime time) const {
        return valid_from <= time && time < valid_to;
    }
    friend bool operator==(const Mark&, const Mark&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.mark_id, self.source, self.target, self.bid, self.ask, self.valid_from,
             self.valid_to, self.superseded_at);
    }
};

}  // namespace remit::ledger
