#pragma once

#include "ledger/genesis.h"
#include "tools/devnet/identities.h"
#include "tools/devnet/plan.h"

namespace remit::devnet {

/// Cash at the clearing bank that a devnet begins with, in minor units. The bank's rail opens its
/// accounts with the same figures, so the attestations that follow agree with the genesis.
struct OpeningCash {
    std::uint32_t participant_id = 0;
    std::uint16_t asset_id = 0;
    std::int64_t cover_minor = 0;
    std::int64_t reserve_minor = 0;
    std::int64_t own_minor = 0;  // the participant's own account, no concern of the ledger
};
/// Of those participants that are in the network.
std::vector<OpeningCash> opening_cash(const Network& network);

/// The genesis of a devnet that begins at `start`: its calendar opens a business day at once and
/// cuts off `cutoff_seconds` later, whatever the hour or weekday.
ledger::Genesis make_genesis(const Plan& plan, const Network& network, const Identities& identities,
                             BlockTime start);

}  // namespace remit::devnet
