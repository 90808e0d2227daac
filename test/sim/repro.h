#pragma once

#include <optional>
#include <string>

#include "test/sim/fault_script.h"
#include "test/sim/profile.h"

namespace remit::sim {

/// A run said in full: what it draws from, its weather, and every fault that happens in it. It does
/// not change when profiles draw otherwise.
struct Repro {
    std::uint64_t seed = 0;
    std::string invariant;  ///< that it broke when it was found
    Profile profile;
    FaultScript script;

    /// As a file holds it: a line each, `#` begins a remark.
    [[nodiscard]] std::string text() const;
    /// None for a text that is no repro.
    static std::optional<Repro> parse(const std::string& text);
};

}  // namespace remit::sim
