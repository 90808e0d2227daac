#pragma once

#include "node/version.h"

namespace remit::node {

/// The whole program behind its `main`; gives the exit status. `version_max`: the newest protocol
/// version that it votes in; only a test's stand-in for the next release gives another.
int run_program(int argc, char** argv, std::uint16_t version_max = protocol_version_max);

}  // namespace remit::node
