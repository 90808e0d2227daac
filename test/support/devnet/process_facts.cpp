#include "test/support/devnet/process_facts.h"

#include <unistd.h>

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

long processor_ms(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    // Behind the name in brackets, which may hold anything: state is the third field, utime the
    // 14th, stime the 15th.
    const auto name_end = all.rfind(')');
    if (name_end == std::string::npos) {
        return -1;
    }
    std::istringstream words(all.substr(name_end + 1));
    const std::vector<std::string> field{std::istream_iterator<std::string>(words), {}};
    constexpr std::size_t utime = 11;
    if (field.size() <= utime + 1) {
        return -1;
    }
    constexpr long ms = 1000;
    return (std::stol(field[utime]) + std::stol(field[utime + 1])) * ms / sysconf(_SC_CLK_TCK);
}

bool room_for_nodes(std::size_t count) {
    constexpr std::int64_t room_of_a_node_kib = 100 * 1024;
    std::ifstream in("/proc/meminfo");
    std::string word;
    std::int64_t available_kib = 0;
    while (in >> word) {
        if (word == "MemAvailable:") {
            in >> available_kib;
        }
    }
    return available_kib >= static_cast<std::int64_t>(count) * room_of_a_node_kib;
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
