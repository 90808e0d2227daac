#include "node/seams/kv.h"

namespace remit::node {

Bytes end_of_prefix(ByteView prefix) {
    Bytes out(prefix);
    while (!out.empty()) {
        auto last = static_cast<unsigned char>(out.back());
        if (last != 0xFFU) {
            out.back() = static_cast<char>(last + 1U);
            return out;
        }
        out.pop_back();
    }
    return out;
}

}  // namespace remit::node
