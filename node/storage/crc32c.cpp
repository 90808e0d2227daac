#include "node/storage/crc32c.h"

#include <boost/crc.hpp>

namespace remit::node {

std::uint32_t crc32c(std::initializer_list<ByteView> parts) {
    // Polynomial and conventions of RFC 3720, appendix B.4.
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    for (const auto& part : parts) {
        crc.process_bytes(part.data(), part.size());
    }
    return crc.checksum();
}

}  // namespace remit::node
