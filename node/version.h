#pragma once

#include <string_view>

namespace remit::node {

inline constexpr std::string_view version = "0.1.0";

}  // namespace remit::node
