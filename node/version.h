#pragma once

#include <cstdint>
#include <string_view>

namespace remit::node {

inline constexpr std::string_view version = "0.1.0";
/// Newest protocol version this release can vote in.
inline constexpr std::uint16_t protocol_version_max = 1;

}  // namespace remit::node
