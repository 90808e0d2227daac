#include "node/ops/failure.h"

#include <cstdio>

namespace remit::node {

int report(const Failure& failure) {
    std::fprintf(stderr, "error: %s\n", failure.message.c_str());
    if (!failure.help.empty()) {
        std::fprintf(stderr, "help: %s\n", failure.help.c_str());
    }
    return static_cast<int>(failure.exit);
}

}  // namespace remit::node
