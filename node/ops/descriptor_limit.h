#pragma once

#include <cstddef>

namespace remit::node {

/// How many descriptors this process may have open (the soft limit).
std::size_t descriptor_limit();

/// Raises the soft limit to the hard one, which takes no privilege; call before threads start.
/// Gives the limit in force afterwards.
std::size_t raise_descriptor_limit();

}  // namespace remit::node
