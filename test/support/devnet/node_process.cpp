#include "test/support/devnet/node_process.h"

#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;  // NOLINT: POSIX

namespace remit::test {

NodeProcess::NodeProcess(const std::vector<std::string>& words, std::string log)
    : log_(std::move(log)) {
    std::vector<char*> argv;
    for (const auto& word : words) {
        argv.push_back(const_cast<char*>(word.c_str()));  // NOLINT: posix_spawn's signature
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log_.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    // A group of its own: what the program started (strace its node) is killed with it.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int failed = ::posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        throw std::runtime_error("cannot run " + words[0]);
    }
}

NodeProcess::~NodeProcess() {
    kill();
}

void NodeProcess::signal(int number) const {
    if (!status_) {
        ::kill(pid_, number);
    }
}

std::optional<int> NodeProcess::wait(std::chrono::milliseconds limit) {
    eventually([this] { return !is_running(); }, limit);
    return status_;
}

bool NodeProcess::is_running() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return !status_;
}

void NodeProcess::kill() {
    if (is_running()) {
        ::kill(-pid_, SIGKILL);
        wait();
    }
}

std::string NodeProcess::output() const {
    std::ifstream in(log_);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

HttpAnswer http_get(std::uint16_t port, const std::string& path, const std::string& host) {
    httplib::Client client(host, port);
    client.set_connection_timeout(2);
    client.set_read_timeout(5);
    const auto answer = client.Get(path.c_str());
    return answer ? HttpAnswer{answer->status, answer->body} : HttpAnswer{};
}

double metric(std::uint16_t port, const std::string& name, const std::string& host) {
    std::istringstream lines(http_get(port, "/metrics", host).body);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + " ")) {
            return std::stod(line.substr(name.size() + 1));
        }
    }
    return -1;
}

std::string send_raw(std::uint16_t port, const std::string& bytes,
                     std::chrono::milliseconds limit) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
        const timeval patience{.tv_sec = 2, .tv_usec = 0};
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        pollfd ready{.fd = socket, .events = POLLIN, .revents = 0};
        char buffer[4096];
        while (::poll(&ready, 1, static_cast<int>(limit.count())) > 0) {
            const auto got = ::recv(socket, buffer, sizeof(buffer), 0);
            if (got <= 0) {
                break;
            }
            answer.append(buffer, static_cast<std::size_t>(got));
        }
    }
    ::close(socket);
    return answer;
}

}  // namespace remit::test
