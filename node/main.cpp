#include <cstdio>
#include <exception>

#include "node/commands.h"

int main(int argc, char** argv) {
    try {
        return remit::node::run_program(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: bug: %s\n", error.what());
        return 1;
    }
}
