#pragma once

#include <array>

#include "ledger/genesis.h"
#include "node/storage/chain.h"
#include "test/support/ledger/network.h"

namespace remit::sim {

/// Names of the validators' keys, by index.
inline constexpr std::array<const char*, 4> validator_names = {"A", "G", "bank", "reg"};

/// The test network with four validators, cash behind everybody and a cut-off every few seconds.
ledger::Genesis sim_genesis(std::uint32_t snapshot_interval = 0);
/// Throws Breach on a file that is none.
node::Chain chain_from(const Bytes& genesis_file);

}  // namespace remit::sim
