#pragma once

#include <functional>

#include "tools/devnet/network.h"
#include "tools/devnet/plan.h"

namespace remit::devnet {

/// Told of each step, for a person.
using Progress = std::function<void(const std::string&)>;

/// Makes a new network in the plan's folder: keys, certificates, genesis, configurations.
/// Errors: NETWORK_EXISTS (exit 2) when the folder holds one.
Result<Network, cli::Failure> create(Plan plan);

/// Starts every process that does not run and waits until all are ready: signers, rails and nodes,
/// then the bank's gateway, then the wallets'. Gives up with NOT_READY (exit 8).
Status<cli::Failure> start_all(const Network& network, const Progress& progress);

/// Opens and funds the sample wallets through their operators and notes them in the network's file.
Status<cli::Failure> open_samples(Network& network, const Progress& progress);

}  // namespace remit::devnet
