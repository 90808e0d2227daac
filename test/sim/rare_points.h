#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "test/support/node/prng.h"

namespace remit::sim {

/// A place where something rare and legal is made to happen often: a host may tick early, merge
/// turns, flush when it likes; a client may not hear an answer. All of them lie in the simulator's
/// hosts and seams, so that the code under test is the daemon's and release builds know nothing.
struct RarePoint {
    std::string name;
    std::uint64_t per_million = 0;  ///< chance of each visit, in a seed that has the point on
};
const std::vector<RarePoint>& rare_points();

/// The points of one run: each seed turns on about half of them, so that they also meet each
/// other's absence.
class RarePoints {
public:
    /// `on` false: nothing rare happens.
    RarePoints(std::uint64_t seed, bool on);

    /// True when the rare thing is to happen now. The name is one of `rare_points`.
    bool maybe(const std::string& name);

    /// How often each point fired, over all runs of this process.
    static const std::map<std::string, std::uint64_t>& hits();

private:
    struct Armed {
        test::Prng random;
        std::uint64_t per_million = 0;
    };
    std::map<std::string, Armed> armed_;
};

}  // namespace remit::sim
