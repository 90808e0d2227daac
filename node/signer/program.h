#pragma once

namespace remit::node::signer {

/// `remit-signer` behind its `main`; gives the exit status.
int run_program(int argc, char** argv);

}  // namespace remit::node::signer
