#pragma once

#include <functional>

#include "tools/devnet/network.h"

namespace remit::devnet {

/// True when the process answers `/readyz` on its ops port with 200; a signer: when it listens.
bool is_ready(const Process& process);

/// Starts a process and writes its pid file; PROCESS_RUNNING (exit 3) when it already runs.
Status<cli::Failure> start(const Process& process);

/// Waits until all are ready. Errors: NOT_READY (exit 8) naming the first that is not and the last
/// line of its log; at once when a process has ended.
Status<cli::Failure> wait_ready(const std::vector<const Process*>& processes, int patience_ms);

/// Stops every running process: gateways first, then rails, nodes, signers. Gives how many ran.
int stop_all(const Network& network);

}  // namespace remit::devnet
