#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace remit::sim {

/// One fault as it happened: when, of which kind, and what it drew (whom it hit, for how long).
struct Happening {
    std::int64_t at_ms = 0;
    std::string kind;
    std::vector<std::uint64_t> drawn;
};

/// Every fault of a run, in order, and what else was drawn about faults: how long machines that
/// fell stay down, who stays dead. A run is told a script instead of drawing its own; what the
/// script leaves open is drawn.
struct FaultScript {
    std::deque<Happening> faults;
    std::map<std::string, std::vector<std::uint64_t>> others;
};

}  // namespace remit::sim
