#pragma once

#include "consensus/codec.h"
#include "consensus/types.h"
#include "ledger/base/consensus_params.h"

namespace remit::consensus {

/// What the epoch in force obeys. The ledger knows the same parameters by the same definition: it
/// refuses a plan whose values consensus would not accept.
using Params = ConsensusParams;

}  // namespace remit::consensus
