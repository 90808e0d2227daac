#include <cstdio>
#include <exception>

#include "node/signer/program.h"

int main(int argc, char** argv) {
    try {
        return remit::node::signer::run_program(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: bug: %s\n", error.what());
        return 1;
    }
}
