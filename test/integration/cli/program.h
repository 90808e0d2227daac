#pragma once

#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

namespace remit::cli {

/// A temporary state folder whose network is stopped and removed at the end.
class StateFolder {
public:
    StateFolder() {
        std::string name = std::filesystem::temp_directory_path() / "remit_cli_XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~StateFolder() {
        static_cast<void>(run("devnet down --wipe"));
        std::filesystem::remove_all(path_);
    }
    StateFolder(const StateFolder&) = delete;
    StateFolder& operator=(const StateFolder&) = delete;

    struct Answer {
        int exit = -1;
        std::string out;
        std::string err;
        [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
    };

    /// Runs the real program on this folder.
    [[nodiscard]] Answer run(const std::string& arguments) const {
        const auto out = path_ / "out";
        const auto err = path_ / "err";
        const auto line = std::string(REMIT_BIN_DIR) + "/remit --state " + net().string() + " " +
                          arguments + " >" + out.string() + " 2>" + err.string();
        const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe)
        return {WEXITSTATUS(status), text_of(out), text_of(err)};
    }

    /// As `remit window show` tells it.
    [[nodiscard]] std::string window_state(const std::string& window) const {
        return run("-o json window show " + window).json().at("window").at("state");
    }
    /// Waits for the state, a minute at most.
    [[nodiscard]] bool window_comes_to(const std::string& window, const std::string& wanted) const {
        for (int i = 0; i < 300; ++i) {
            if (window_state(window) == wanted) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
        }
        return false;
    }

    [[nodiscard]] std::filesystem::path net() const { return path_ / "net"; }
    [[nodiscard]] std::filesystem::path file(const std::string& name) const { return path_ / name; }

    static std::string text_of(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }

private:
    std::filesystem::path path_;
};

}  // namespace remit::cli
