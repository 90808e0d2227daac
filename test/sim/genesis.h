#pragma once

#include <string>
#include <vector>

#include "ledger/genesis.h"
#include "node/storage/chain.h"
#include "test/support/ledger/network.h"

namespace remit::sim {

/// Name of a validator and of its key.
std::string validator_name(std::size_t index);

SecretKey validate_key(std::size_t index);
/// The first machine's second VALIDATE key.
SecretKey rotated_key();

/// What the genesis of a run is like.
struct GenesisChoice {
    std::size_t validators = 4;
    std::uint32_t snapshot_interval = 0;  ///< of the chain; 0: it makes none
    bool tiny_limits = false;             ///< consensus with windows and maxima of a few
    bool small_blocks = false;            ///< so small that a slow executor soon has too many
    /// 0: epochs longer than any run; else the registry knows one machine more than there are
    /// validators, and the first one's second key.
    std::uint64_t epoch_blocks = 0;
};

/// The test network, cash behind everybody and a cut-off every few seconds.
ledger::Genesis sim_genesis(const GenesisChoice& choice);
/// Throws Breach on a file that is none.
node::Chain chain_from(const Bytes& genesis_file);

}  // namespace remit::sim
