#include "tools/devnet/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace remit::devnet {
namespace {

constexpr auto poll_interval = std::chrono::milliseconds(10);

/// Start time of a living process; empty when there is none or only its zombie is left.
std::optional<unsigned long long> start_ticks_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) {
        return std::nullopt;
    }
    // The name in brackets may hold blanks and brackets itself: fields count from the last one.
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(line.substr(bracket + 1));
    std::string state;
    fields >> state;
    if (state == "Z" || state == "X") {
        return std::nullopt;
    }
    std::string skipped;
    constexpr int fields_between = 18;  // from field 4 to field 21
    for (int i = 0; i < fields_between; ++i) {
        fields >> skipped;
    }
    unsigned long long ticks = 0;
    return fields >> ticks ? std::optional(ticks) : std::nullopt;
}

/// In the child: becomes the daemon. Only async-signal-safe calls, since the parent may have
/// threads. Reports errno through the pipe when exec fails; the pipe closes itself when it works.
[[noreturn]] void become_daemon(const char* program, char* const* arguments, int log, int report) {
    setsid();
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(program, arguments);
    const int error = errno;
    [[maybe_unused]] const auto written = write(report, &error, sizeof(error));
    _exit(ECHILD);
}

tl::unexpected<cli::Failure> cannot_start(const ProcessPlan& plan, int error) {
    return fail(cli::Failure{"PROCESS_START_FAILED",
                             "cannot start " + plan.program.string() + ": " + std::strerror(error),
                             "see " + plan.log.string(), cli::ExitCode::bad_configuration});
}

/// Ctrl-C and SIGTERM wait while this lives: between the start of a process and its pid file a
/// second one would end this program with nobody left who knows of the process.
class SignalsHeld {
public:
    SignalsHeld() {
        sigset_t held;
        sigemptyset(&held);
        sigaddset(&held, SIGINT);
        sigaddset(&held, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~SignalsHeld() { release(); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;
    void release() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

/// Forks twice, so that the daemon is nobody's child and leaves no zombie here. Gives its pid, or
/// a negative errno.
int launch(const ProcessPlan& plan, char* const* arguments, int log, const SignalsHeld& signals) {
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    const std::string program = plan.program.string();
    const pid_t middle = fork();
    if (middle == 0) {
        const pid_t daemon = fork();
        if (daemon == 0) {
            signals.release();
            become_daemon(program.c_str(), arguments, log, pipe_ends[1]);
        }
        const int number = daemon > 0 ? -static_cast<int>(daemon) : errno;
        [[maybe_unused]] const auto written = write(pipe_ends[1], &number, sizeof(number));
        _exit(0);
    }
    close(pipe_ends[1]);
    int pid = 0;
    int error = middle < 0 ? errno : 0;
    int number = 0;
    // Negative numbers are the daemon's pid, positive ones an errno; the pipe ends at exec.
    while (read(pipe_ends[0], &number, sizeof(number)) == sizeof(number)) {
        (number < 0 ? pid : error) = number < 0 ? -number : number;
    }
    close(pipe_ends[0]);
    if (middle > 0) {
        waitpid(middle, nullptr, 0);
    }
    return error != 0 ? -error : pid;
}

bool signal_process(const std::filesystem::path& pid_file, int signal_number) {
    const auto process = running_process(pid_file);
    return process && kill(process->pid, signal_number) == 0;
}

bool ended_within(const std::filesystem::path& pid_file, int patience_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (running_process(pid_file)) {
        if (std::chrono::steady_clock::now() >= until) {
            return false;
        }
        std::this_thread::sleep_for(poll_interval);
    }
    return true;
}

/// A command line as `exec` takes it.
class Words {
public:
    explicit Words(const ProcessPlan& plan) : words_{plan.program.string()} {
        words_.insert(words_.end(), plan.arguments.begin(), plan.arguments.end());
        for (auto& word : words_) {
            pointers_.push_back(word.data());
        }
        pointers_.push_back(nullptr);
    }
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;
    [[nodiscard]] char* const* data() const { return pointers_.data(); }

private:
    std::vector<std::string> words_;
    std::vector<char*> pointers_;
};

/// A descriptor to append to the log with.
Result<int, cli::Failure> open_log(const ProcessPlan& plan) {
    constexpr int owner_only = 0600;
    const int log = open(plan.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, owner_only);
    if (log < 0) {
        return fail(cli::Failure{"WRITE_FAILED",
                                 "cannot write " + plan.log.string() + ": " + std::strerror(errno),
                                 "mend the folder's permissions, or make the network anew",
                                 cli::ExitCode::bad_configuration});
    }
    return log;
}

}  // namespace

Status<cli::Failure> start_process(const ProcessPlan& plan) {
    const Words words(plan);
    TRY_ASSIGN(const int log, open_log(plan));
    const SignalsHeld signals;
    const int pid = launch(plan, words.data(), log, signals);
    close(log);
    if (pid <= 0) {
        return cannot_start(plan, -pid);
    }
    const auto ticks = start_ticks_of(pid);
    std::ofstream file(plan.pid_file, std::ios::trunc);
    file << pid << " " << ticks.value_or(0) << "\n";
    if (!file.flush()) {
        kill(pid, SIGKILL);
        return cannot_start(plan, EIO);
    }
    return {};
}

Result<int, cli::Failure> run_to_end(const ProcessPlan& plan) {
    const Words words(plan);
    TRY_ASSIGN(const int log, open_log(plan));
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, log, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, log, STDERR_FILENO);
    pid_t child = -1;
    const int error =
        posix_spawn(&child, plan.program.c_str(), &files, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    close(log);
    if (error != 0) {
        return cannot_start(plan, error);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    constexpr int by_signal = 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
}

std::optional<ProcessId> running_process(const std::filesystem::path& pid_file) {
    std::ifstream file(pid_file);
    ProcessId process;
    if (!(file >> process.pid >> process.start_ticks) || process.pid <= 1) {
        return std::nullopt;
    }
    const auto ticks = start_ticks_of(process.pid);
    if (!ticks || *ticks != process.start_ticks) {
        return std::nullopt;
    }
    return process;
}

bool ask_to_stop(const std::filesystem::path& pid_file) {
    return signal_process(pid_file, SIGTERM);
}

bool stop_process(const std::filesystem::path& pid_file, int patience_ms) {
    if (!signal_process(pid_file, SIGTERM)) {
        return false;
    }
    if (!ended_within(pid_file, patience_ms)) {
        kill_process(pid_file);
    }
    return true;
}

bool kill_process(const std::filesystem::path& pid_file) {
    if (!signal_process(pid_file, SIGKILL)) {
        return false;
    }
    constexpr int kernel_ms = 5'000;
    ended_within(pid_file, kernel_ms);
    return true;
}

}  // namespace remit::devnet
