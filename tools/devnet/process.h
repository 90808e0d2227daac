#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/failure.h"

namespace remit::devnet {

/// A daemon to start: its own session, standard output and error appended to `log`.
struct ProcessPlan {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::filesystem::path pid_file;
    std::filesystem::path log;
};

/// A process as its pid file names it. The start time tells it from a later process that was given
/// the same number, so nothing but our own child is ever signalled.
struct ProcessId {
    int pid = 0;
    unsigned long long start_ticks = 0;  // field 22 of /proc/PID/stat
};

/// Starts the daemon and writes its pid file. Does not wait until it is ready.
/// Errors: PROCESS_START_FAILED (exit 7) when the program or the log cannot be opened.
Status<cli::Failure> start_process(const ProcessPlan& plan);

/// Runs a program that ends by itself, its output appended to `log`; gives its exit status, 128 + n
/// when a signal ended it. The plan's pid file is not written. Errors: as of start_process.
Result<int, cli::Failure> run_to_end(const ProcessPlan& plan);

/// The live process of a pid file; empty when the file is missing or damaged, or the process ended.
std::optional<ProcessId> running_process(const std::filesystem::path& pid_file);

/// SIGTERM, then SIGKILL after `patience_ms`; returns once it has ended. True when it was running.
bool stop_process(const std::filesystem::path& pid_file, int patience_ms);

/// SIGTERM without waiting. True when it was running.
bool ask_to_stop(const std::filesystem::path& pid_file);

/// SIGKILL, waiting until it has ended. True when it was running.
bool kill_process(const std::filesystem::path& pid_file);

}  // namespace remit::devnet
