#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>

#include "test/large_state/phases.h"

// What a state of millions of accounts costs a node: its start, a snapshot, serving it, joining by
// it. Each phase runs in a process of its own, so that the memory told is that phase's alone.

namespace remit::large_state {
namespace {

namespace options = boost::program_options;

struct Phase {
    const char* name;
    void (Phases::*run)();
};

constexpr Phase phases[] = {
    {"filled by the ledger's own code, its root computed", &Phases::make},
    {"a snapshot: copy and manifest", &Phases::take},
    {"a start: the tree rebuilt and its root compared", &Phases::open},
    {"served: every chunk read, checked and written by a joiner", &Phases::serve},
    {"joined: installed, root, invariants and manifest checked", &Phases::join},
};

/// In the child: 0 when it went well, after printing what it was about.
int perform(const Phase& phase, const std::string& folder, std::uint64_t accounts, int said) {
    try {
        Phases all(folder, accounts);
        (all.*phase.run)();
        const auto& text = all.said();
        return write(said, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "large_state: " << phase.name << ": " << error.what() << "\n";
        return 1;
    }
}

bool measure(const Phase& phase, const std::string& folder, std::uint64_t accounts) {
    int ends[2] = {};
    if (pipe(ends) != 0) {
        return false;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto child = fork();
    if (child == 0) {
        close(ends[0]);
        const auto code = perform(phase, folder, accounts, ends[1]);
        _exit(code);
    }
    close(ends[1]);
    std::string said;
    char buffer[512];
    for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
        said.append(buffer, static_cast<std::size_t>(size));
    }
    close(ends[0]);
    int status = 1;
    rusage used{};
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
        return false;
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::printf("| %s | %s | %.1f | %.1f | %ld |\n", phase.name, said.c_str(), taken.count(),
                seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss / 1024);
    std::fflush(stdout);
    return true;
}

int run(int argc, char** argv) {
    std::uint64_t accounts = 0;
    std::string folder;
    options::options_description known("large_state");
    known.add_options()("help", "this")(
        "accounts", options::value(&accounts)->default_value(1'000'000), "customer accounts")(
        "folder", options::value(&folder)->default_value("/tmp"), "where it works");
    options::variables_map given;
    options::store(options::parse_command_line(argc, argv, known), given);
    options::notify(given);
    if (given.contains("help")) {
        std::cout << known;
        return 0;
    }
    const auto work = folder + "/large_state." + std::to_string(getpid());
    std::filesystem::create_directories(work);
    std::printf(
        "| phase | what | s | s of processor | MiB of memory at most |\n|---|---|---|---|---|\n");
    std::fflush(stdout);
    bool good = true;
    for (const auto& phase : phases) {
        good = good && measure(phase, work, accounts);
    }
    std::filesystem::remove_all(work);
    return good ? 0 : 1;
}

}  // namespace
}  // namespace remit::large_state

int main(int argc, char** argv) {
    try {
        return remit::large_state::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "large_state: " << error.what() << "\n";
        return 2;
    }
}
