#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace remit::test {

/// Runs a line of shell and gives its exit status; what it printed goes to `output`.
int run_command(const std::string& line, std::string* output = nullptr);
/// Throws std::runtime_error with the line and what it printed unless it succeeded.
void must_run(const std::string& line);
/// Whether a program of this name can be found.
bool has_program(const std::string& name);

/// Files of a folder that hold something and whose path contains this, in order of their names.
std::vector<std::filesystem::path> files_like(const std::filesystem::path& folder,
                                              const std::string& text);

}  // namespace remit::test
