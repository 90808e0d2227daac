#include "test/support/devnet/process_facts.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace remit::test {

namespace fs = std::filesystem;

long status_kib(pid_t pid, const std::string& field) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(field + ":")) {
            return std::stol(line.substr(field.size() + 1));
        }
    }
    return -1;
}

std::set<std::uint16_t> listening_ports(pid_t pid) {
    const auto process = "/proc/" + std::to_string(pid);
    std::set<std::string> sockets;
    for (const auto& entry : fs::directory_iterator(process + "/fd")) {
        std::error_code gone;
        const auto target = fs::read_symlink(entry.path(), gone).string();
        if (target.starts_with("socket:[")) {
            sockets.insert(target.substr(8, target.size() - 9));
        }
    }
    std::set<std::uint16_t> out;
    for (const auto* table : {"/net/tcp", "/net/tcp6"}) {
        std::ifstream in(process + table);
        for (std::string line; std::getline(in, line);) {
            std::istringstream words(line);
            std::vector<std::string> field{std::istream_iterator<std::string>(words), {}};
            constexpr std::size_t inode = 9;
            if (field.size() > inode && field[3] == "0A" && sockets.contains(field[inode])) {
                const auto& local = field[1];
                out.insert(static_cast<std::uint16_t>(
                    std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16)));
            }
        }
    }
    return out;
}

}  // namespace remit::test
