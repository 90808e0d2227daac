#pragma once

#include "test/placement/sites.h"

namespace remit::placement {

/// What no implementation can beat where signing, checking, disks and execution cost nothing and
/// only distance counts.
struct Bound {
    /// From the proposal of a leader (row) to the Finalization at an observer: three hops.
    Delays finality_ms;
    /// From the batch of a submitter (column) to its execution proof there, under a leader (row):
    /// four hops.
    Delays receipt_ms;

    static double mean(const Delays& values);
};

Bound bound_of(const Placement& placement);

}  // namespace remit::placement
