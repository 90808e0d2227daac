#include "test/sim/disk_trouble.h"

// The daemon's answer to a failed write ends its process; many processes live in this one. The
// linker leads the function here (--wrap), and whoever plays the machine catches what it throws.
// Nothing of this is in any other program.

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" [[noreturn]] void __wrap__ZN5remit4node6die_ofERKNS0_7IoErrorE(
    const remit::node::IoError& error) {
    throw remit::sim::ProcessDied(error);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
