#pragma once

#include "tools/devnet/identities.h"
#include "tools/devnet/plan.h"
#include "tools/devnet/ports.h"

namespace remit::devnet {

/// Which processes a plan has, where they listen and how they are started. No file is touched.
Network lay_out(const Plan& plan, const Ports& ports, const std::filesystem::path& programs);

/// Writes the configuration file of every process.
Status<cli::Failure> write_configurations(const Plan& plan, const Network& network,
                                          const Ports& ports, const Identities& identities);

}  // namespace remit::devnet
