#pragma once

#include <cstdint>

#include "test/sim/repro.h"

namespace remit::sim {

/// What is left of a failing run.
struct Shrunk {
    Repro repro;
    std::size_t faults_before = 0;
    std::size_t lost_before = 0;  ///< messages
    std::size_t runs = 0;
    double seconds = 0;
};

/// Makes a failing run smaller as long as the same invariant breaks: ends it at the breach, takes
/// out whole kinds of fault, then single ones (ddmin), clients, time, single lost messages. None
/// when the run does not break anything when it is told its own script. Stops after some minutes
/// with what it has got so far.
std::optional<Shrunk> shrink(std::uint64_t seed, const Profile& profile);

/// What a run that is told a script breaks; empty: nothing.
std::string broken_by(const Repro& repro, std::string& text);

}  // namespace remit::sim
