#pragma once

#include <string>

#include "consensus/types.h"

/// How the consensus oracle says what it saw, in all its parts.
namespace remit::sim {

inline std::string who(std::size_t node) {
    return "validator " + std::to_string(node);
}
inline std::string at(consensus::View view) {
    return " in view " + std::to_string(view);
}

}  // namespace remit::sim
