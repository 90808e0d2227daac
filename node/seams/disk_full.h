#pragma once

#include <string>

namespace remit::node {

/// Number and name of a disk without room, wherever that ends a program
/// (docs/reference/node-errors.md).
inline constexpr int disk_full_code = 1203;
inline std::string disk_full(const std::string& what) {
    return std::to_string(disk_full_code) + " disk_full: " + what;
}

}  // namespace remit::node
