#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace remit::test {

/// A child process with its output in a file; killed with this object.
class NodeProcess {
public:
    NodeProcess(const std::vector<std::string>& words, std::string log);
    ~NodeProcess();
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;

    void signal(int number) const;
    /// Exit status, 128 + n when a signal ended it; nothing when it still runs after `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit = std::chrono::seconds(30));
    /// kill -9, and waits.
    void kill();
    [[nodiscard]] bool is_running();
    /// Everything written so far by all runs on this log.
    [[nodiscard]] std::string output() const;
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    std::string log_;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

struct HttpAnswer {
    int status = 0;  ///< 0: no answer
    std::string body;
};
HttpAnswer http_get(std::uint16_t port, const std::string& path,
                    const std::string& host = "127.0.0.1");

/// The value of a metric line without labels, or with exactly these; -1 when it is not there.
double metric(std::uint16_t port, const std::string& name, const std::string& host = "127.0.0.1");

/// Sends bytes to a port of 127.0.0.1 and reads what comes until the end or the limit.
std::string send_raw(std::uint16_t port, const std::string& bytes,
                     std::chrono::milliseconds limit = std::chrono::milliseconds(500));

template <class Condition>
bool eventually(Condition condition,
                std::chrono::milliseconds limit = std::chrono::milliseconds(60'000)) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace remit::test
