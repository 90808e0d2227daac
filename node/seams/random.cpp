#include "node/seams/random.h"

#include <sodium.h>

namespace remit::node {

void SystemRandom::fill(std::uint8_t* out, std::size_t size) {
    randombytes_buf(out, size);
}

}  // namespace remit::node
