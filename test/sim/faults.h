#pragma once

#include <functional>
#include <string>
#include <vector>

#include "test/sim/profile.h"

namespace remit::sim {

/// A kind of trouble that can be taken out of a profile. What is drawn for the others stays.
struct FaultKind {
    std::string name;
    void (*remove)(Profile& profile);
};
const std::vector<FaultKind>& fault_kinds();
/// False for a name that is none.
bool remove_fault(const std::string& name, Profile& profile);

/// Names of the fault kinds that a failing seed does not need: taken out one by one as long as
/// `breaks` (the invariant that a run of a profile breaks, empty if none) still gives `invariant`.
std::vector<std::string> needless_faults(
    Profile profile, const std::string& invariant,
    const std::function<std::string(const Profile& profile)>& breaks);

}  // namespace remit::sim
