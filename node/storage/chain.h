#pragma once

#include <string>

#include "consensus/engine.h"
#include "ledger/genesis.h"

namespace remit::node {

/// Everything that follows from the genesis file alone.
struct Chain {
    Hash id;
    ledger::Genesis genesis;
    consensus::ValidatorSet validators;
    consensus::Params params;
    ledger::Delta::WriteSet state;           ///< of height 0
    Hash state_root;                         ///< of height 0
    consensus::Header header;                ///< of height 0
    consensus::EpochDescription next_epoch;  ///< that the state of height 0 yields

    /// For this validator; the host fills in the boot counter.
    [[nodiscard]] consensus::EngineConfig engine_config(consensus::ValidatorIndex self) const;
};

/// The error says in words what is wrong with the file.
Result<Chain, std::string> chain_of(ByteView genesis_file);

}  // namespace remit::node
