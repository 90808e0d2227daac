#pragma once

#include <vector>

namespace remit::placement {

/// The value that this share of all are at or below (nearest rank); 0 when there are none.
double percentile(std::vector<double> values, double share);

}  // namespace remit::placement
