#include <cstdio>
#include <exception>

#include "node/commands.h"

/// The node as it is, but for the protocol version that it says it knows: a stand-in for the
/// release that comes next, for tests of upgrades. No rule of the protocol differs.
int main(int argc, char** argv) {
    try {
        return remit::node::run_program(argc, argv, remit::node::protocol_version_max + 1);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: bug: %s\n", error.what());
        return 1;
    }
}
