#pragma once

#include <string>
#include <vector>

#include "test/sim/profile.h"

namespace remit::sim {

/// A kind of trouble that can be taken out of a profile. What is drawn for the others stays.
struct FaultKind {
    std::string name;
    void (*remove)(Profile& profile);
    std::string happening = {};  ///< as a FaultScript calls it; empty: it is none
};
const std::vector<FaultKind>& fault_kinds();
/// False for a name that is none.
bool remove_fault(const std::string& name, Profile& profile);

}  // namespace remit::sim
