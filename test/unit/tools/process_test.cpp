#include "tools/devnet/process.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace remit::devnet {
namespace {

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "remit_process_XXXXXX";
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

ProcessPlan sleeper(const Folder& folder) {
    return {"/bin/sleep", {"60"}, folder.path / "pid", folder.path / "log"};
}

}  // namespace

TEST_CASE("process: started, seen running, killed, seen ended", "[devnet][process]") {
    const Folder folder;
    const auto plan = sleeper(folder);
    REQUIRE(start_process(plan).has_value());
    const auto process = running_process(plan.pid_file);
    REQUIRE(process.has_value());
    CHECK(process->pid > 1);
    CHECK(kill_process(plan.pid_file));
    CHECK_FALSE(running_process(plan.pid_file).has_value());
    CHECK_FALSE(kill_process(plan.pid_file));
}

TEST_CASE("process: stop ends it with SIGTERM", "[devnet][process]") {
    const Folder folder;
    const auto plan = sleeper(folder);
    REQUIRE(start_process(plan).has_value());
    CHECK(stop_process(plan.pid_file, 5'000));
    CHECK_FALSE(running_process(plan.pid_file).has_value());
}

TEST_CASE("process: a pid given to another process is never signalled", "[devnet][process]") {
    const Folder folder;
    const auto plan = sleeper(folder);
    REQUIRE(start_process(plan).has_value());
    const auto process = running_process(plan.pid_file);
    REQUIRE(process.has_value());
    const auto stale = folder.path / "stale";
    std::ofstream(stale) << process->pid << " " << process->start_ticks + 1 << "\n";
    CHECK_FALSE(running_process(stale).has_value());
    CHECK_FALSE(kill_process(stale));
    CHECK(running_process(plan.pid_file).has_value());
    CHECK(kill_process(plan.pid_file));
}

TEST_CASE("process: one that ends by itself gives its status and its words", "[devnet][process]") {
    const Folder folder;
    const auto run = [&](const std::string& script) {
        return run_to_end({"/bin/sh", {"-c", script}, folder.path / "pid", folder.path / "log"});
    };
    CHECK(run("echo said; exit 7") == 7);
    CHECK(run("kill -9 $$") == 128 + 9);
    std::ifstream log(folder.path / "log");
    std::string line;
    CHECK(std::getline(log, line));
    CHECK(line == "said");
    CHECK_FALSE(std::filesystem::exists(folder.path / "pid"));
    const auto missing =
        run_to_end({folder.path / "nothing", {}, folder.path / "pid", folder.path / "log"});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == "PROCESS_START_FAILED");
}

TEST_CASE("process: damaged pid files name nobody", "[devnet][process]") {
    const Folder folder;
    const std::string text = GENERATE("", "x", "1 0", "0 0", "-1 5", "12");
    const auto file = folder.path / "pid";
    std::ofstream(file) << text;
    CHECK_FALSE(running_process(file).has_value());
}

TEST_CASE("process: a program that is not there is told", "[devnet][process]") {
    const Folder folder;
    const auto started =
        start_process({"/nonexistent/program", {}, folder.path / "pid", folder.path / "log"});
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().code == "PROCESS_START_FAILED");
    CHECK(started.error().exit == cli::ExitCode::bad_configuration);
}

}  // namespace remit::devnet
