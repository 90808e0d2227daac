#pragma once

namespace remit::node {

/// The whole program behind its `main`; gives the exit status.
int run_program(int argc, char** argv);

}  // namespace remit::node
