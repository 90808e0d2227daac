#pragma once

#include <string>

#include "ledger/genesis.h"
#include "node/storage/chain.h"
#include "test/support/ledger/network.h"

namespace remit::sim {

/// Name of a validator and of its key.
std::string validator_name(std::size_t index);

/// The test network with so many validators, cash behind everybody and a cut-off every few seconds.
/// `snapshot_interval`: of the chain; 0: it makes none. `tiny_limits`: consensus with windows and
/// maxima of a few.
ledger::Genesis sim_genesis(std::size_t validators, std::uint32_t snapshot_interval = 0,
                            bool tiny_limits = false);
/// Throws Breach on a file that is none.
node::Chain chain_from(const Bytes& genesis_file);

}  // namespace remit::sim
