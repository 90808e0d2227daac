#pragma once

#include <cstdint>
#include <initializer_list>

#include "ledger/base/bytes.h"

namespace remit::node {

/// CRC-32C (Castagnoli) of the parts one behind the other. Finds torn and damaged bytes; it is no
/// protection against an attacker.
std::uint32_t crc32c(std::initializer_list<ByteView> parts);

}  // namespace remit::node
