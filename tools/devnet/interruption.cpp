#include "tools/devnet/interruption.h"

#include <unistd.h>

#include <csignal>
#include <ctime>

#include "tools/cli/failure.h"

namespace remit::devnet {
namespace {

volatile std::sig_atomic_t noted = 0;

/// Milliseconds of the monotonic clock when the first signal came, as far as the type holds them:
/// only differences count.
volatile std::sig_atomic_t noted_at_ms = 0;

std::sig_atomic_t now_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    constexpr long hour_s = 3'600;
    constexpr long ms_per_s = 1'000;
    constexpr long ns_per_ms = 1'000'000;
    return static_cast<std::sig_atomic_t>((now.tv_sec % hour_s) * ms_per_s +
                                          now.tv_nsec / ns_per_ms);
}

struct sigaction old_interrupt{};
struct sigaction old_terminate{};

/// timeout(1) and supervisors signal the process and its whole group: one wish comes twice, at
/// once. Only who signals again after a while is impatient.
void note_signal(int /*number*/) {
    constexpr std::sig_atomic_t same_wish_ms = 500;
    if (noted == 0) {
        noted_at_ms = now_ms();
        noted = 1;
        return;
    }
    const auto since = now_ms() - noted_at_ms;
    if (since < 0 || since > same_wish_ms) {
        _exit(static_cast<int>(cli::ExitCode::interrupted));
    }
}

}  // namespace

Interruption::Interruption() {
    struct sigaction note{};
    note.sa_handler = note_signal;
    sigemptyset(&note.sa_mask);
    sigaddset(&note.sa_mask, SIGINT);
    sigaddset(&note.sa_mask, SIGTERM);
    note.sa_flags = SA_RESTART;
    sigaction(SIGINT, &note, &old_interrupt);
    sigaction(SIGTERM, &note, &old_terminate);
}

Interruption::~Interruption() {
    sigaction(SIGINT, &old_interrupt, nullptr);
    sigaction(SIGTERM, &old_terminate, nullptr);
    noted = 0;
}

bool Interruption::asked() {
    return noted != 0;
}

}  // namespace remit::devnet
