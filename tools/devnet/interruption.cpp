#include "tools/devnet/interruption.h"

#include <unistd.h>

#include <csignal>

#include "tools/cli/failure.h"

namespace remit::devnet {
namespace {

volatile std::sig_atomic_t signals = 0;

struct sigaction old_interrupt{};
struct sigaction old_terminate{};

void note_signal(int /*number*/) {
    if (signals != 0) {
        _exit(static_cast<int>(cli::ExitCode::interrupted));
    }
    signals = 1;
}

}  // namespace

Interruption::Interruption() {
    struct sigaction note{};
    note.sa_handler = note_signal;
    sigemptyset(&note.sa_mask);
    note.sa_flags = SA_RESTART;
    sigaction(SIGINT, &note, &old_interrupt);
    sigaction(SIGTERM, &note, &old_terminate);
}

Interruption::~Interruption() {
    sigaction(SIGINT, &old_interrupt, nullptr);
    sigaction(SIGTERM, &old_terminate, nullptr);
    signals = 0;
}

bool Interruption::asked() {
    return signals != 0;
}

}  // namespace remit::devnet
