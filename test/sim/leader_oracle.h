#pragma once

#include <functional>
#include <map>
#include <string>

#include "consensus/epoch.h"
#include "consensus/leader_schedule.h"

namespace remit::sim {

/// E4: whom an epoch demotes follows from the headers of the epochs before it, counted here once
/// more. Code apart from the ledger's: it goes by names, forwards, over the headers themselves.
class LeaderOracle {
public:
    /// Of the first epoch.
    LeaderOracle(const Hash& chain_id, const consensus::ValidatorSet& set,
                 std::uint64_t epoch_blocks);

    /// A header by its digest, as it was proposed; none: nobody saw it.
    using Headers = std::function<const consensus::Header*(const Hash& digest)>;
    /// The first node enters an epoch. Epochs come in order. In words what is wrong; empty:
    /// nothing.
    std::string on_epoch(const consensus::HandOver& way, const Headers& headers);

    /// Seats that lost their turns, over all epochs.
    [[nodiscard]] std::uint64_t demotions() const { return demotions_; }

private:
    using Debts = std::map<std::string, std::uint64_t>;
    void count(const consensus::Header& header, const consensus::LeaderSchedule& schedule,
               Debts& debts) const;

    Hash chain_id_;
    consensus::ValidatorSet set_;
    std::vector<consensus::ValidatorIndex> demoted_;
    std::uint64_t epoch_blocks_;
    Hash root_;  // the block on which the epoch's first one stands; zero: genesis
    Debts debts_;
    std::uint64_t demotions_ = 0;
};

}  // namespace remit::sim
