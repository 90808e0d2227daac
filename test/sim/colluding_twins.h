#pragma once

#include <cstdint>
#include <optional>

#include "test/sim/oracle.h"

namespace remit::sim {

/// Beyond f: two of four validators each run as two unmodified processes, one pair with one honest
/// validator, the other pair with the other, and the honest two cannot hear each other. Both halves
/// have a quorum, so there must be a fork. What the oracle says of it; none: it saw nothing, and
/// then its silence elsewhere proves nothing either.
/// `commits_only`: it may not read the wires, where it sees the fork before anybody has committed.
std::optional<Breach> fork_by_colluding_twins(std::uint64_t seed, bool commits_only);

}  // namespace remit::sim
