#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "test/sim/oracle.h"

namespace remit::sim {

/// Twins (Bano et al., "Twins: BFT systems made robust"): four validators, one of which runs as two
/// unmodified processes under one key. A scenario says who the twin is and, for each of the first
/// views, into which groups the five processes fall; messages stay within the sender's group of the
/// view it is in, for as long as a view without a leader takes, then all hear each other again.
struct TwinScenario {
    std::size_t twin = 0;  ///< the validator of which there are two: processes `twin` and 4
    /// For each view from the first on: the group of each process, numbered as they first occur.
    std::vector<std::vector<std::uint8_t>> groups;

    [[nodiscard]] std::string text() const;
};

/// What there is to enumerate.
struct TwinScope {
    std::size_t views = 2;
    std::size_t groups_max = 5;  ///< partitions of at most so many groups
    /// Runs each so-many-th scenario only; rounded up to a number that shares no factor with what
    /// is enumerated, or some twins and partitions would never be among them.
    std::uint64_t every = 1;
    std::uint64_t first = 0;  ///< picks one of the remainder classes of `every`
};

struct TwinResult {
    std::uint64_t in_scope = 0;    ///< scenarios that there are
    std::uint64_t every = 1;       ///< of these, each so-many-th was looked at
    std::uint64_t scenarios = 0;   ///< run
    std::uint64_t pruned = 0;      ///< the same as another one with the two processes renamed
    std::uint64_t evidence = 0;    ///< scenarios in which an honest validator held some
    std::uint64_t blocks = 0;      ///< finalised, of all scenarios
    std::uint64_t nullified = 0;   ///< views
    std::optional<Breach> breach;  ///< of the last scenario run
    TwinScenario found;            ///< that one
};

/// Runs the scenarios of the scope until one breaks an invariant.
TwinResult enumerate_twins(const TwinScope& scope);

}  // namespace remit::sim
