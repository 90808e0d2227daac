#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace remit::sim {

/// One fault as it happened: when, of which kind, and what it drew (whom it hit, for how long).
struct Happening {
    std::int64_t at_ms = 0;
    std::string kind;
    std::vector<std::uint64_t> drawn;
};

/// A message on its way, by wire and place: the so-many-th that was sent there since the start,
/// from zero, what a cut kept back not counted.
struct SentMessage {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t place = 0;
    friend auto operator<=>(const SentMessage&, const SentMessage&) = default;
};

/// Every fault of a run, in order, and what else was drawn about faults: how long machines that
/// fell stay down, who stays dead. A run is told a script instead of drawing its own; what the
/// script leaves open is drawn.
struct FaultScript {
    std::deque<Happening> faults;
    std::map<std::string, std::vector<std::uint64_t>> others;
    /// The messages that were lost, one by one; none: the wires draw which.
    std::optional<std::set<SentMessage>> lost;
};

}  // namespace remit::sim
