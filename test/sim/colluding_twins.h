#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "ledger/base/keys.h"
#include "test/sim/oracle.h"

namespace remit::sim {

/// A fork, and whom the certificates of both sides prove guilty of it (B2 of the design: f+1 keys).
struct Fork {
    Breach breach;
    std::set<PublicKey> guilty;
    bool names_the_twins = false;  ///< these two and nobody else
};

/// Beyond f: two of four validators each run as two unmodified processes, one pair with one honest
/// validator, the other pair with the other, and the honest two cannot hear each other. Both halves
/// have a quorum, so there must be a fork. What the oracle says of it; none: it saw nothing, and
/// then its silence elsewhere proves nothing either.
/// `commits_only`: it may not read the wires, where it sees the fork before anybody has committed.
std::optional<Fork> fork_by_colluding_twins(std::uint64_t seed, bool commits_only);

}  // namespace remit::sim
