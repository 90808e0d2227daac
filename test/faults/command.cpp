#include "test/faults/command.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace remit::test {

int run_command(const std::string& line, std::string* output) {
    std::FILE* pipe = ::popen(("{ " + line + "\n} 2>&1").c_str(), "re");
    if (pipe == nullptr) {
        return -1;
    }
    char buffer[4096];
    while (std::fgets(buffer, sizeof(buffer), pipe) != nullptr) {
        if (output != nullptr) {
            *output += buffer;
        }
    }
    const int status = ::pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void must_run(const std::string& line) {
    std::string output;
    if (run_command(line, &output) != 0) {
        throw std::runtime_error(line + ": " + output);
    }
}

bool has_program(const std::string& name) {
    return run_command("command -v " + name) == 0;
}

std::vector<std::filesystem::path> files_like(const std::filesystem::path& folder,
                                              const std::string& text) {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().string().find(text) != std::string::npos &&
            entry.file_size() > 0) {
            out.push_back(entry.path());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace remit::test
