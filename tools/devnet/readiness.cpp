#include "tools/devnet/readiness.h"

#include <httplib.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "node/ops/config.h"
#include "tools/devnet/interruption.h"
#include "tools/devnet/process.h"

namespace remit::devnet {
namespace {

constexpr int stop_patience_ms = 8'000;

std::string last_line(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    std::string last;
    while (std::getline(file, line)) {
        last = line.empty() ? last : line;
    }
    return last.empty() ? "its log is empty" : last;
}

tl::unexpected<cli::Failure> not_ready(const Process& process, const std::string& why) {
    return fail(cli::Failure{"NOT_READY",
                             process.name + " " + why + ": " + last_line(process.log_file()),
                             "see " + process.log_file().string(), cli::ExitCode::unhealthy});
}

int stop_kind(const Network& network, ProcessKind kind) {
    int running = 0;
    // All are asked before any is waited for.
    for (const auto* process : network.of_kind(kind)) {
        running += ask_to_stop(process->pid_file()) ? 1 : 0;
    }
    for (const auto* process : network.of_kind(kind)) {
        stop_process(process->pid_file(), stop_patience_ms);
        std::error_code ignored;
        std::filesystem::remove(process->pid_file(), ignored);
    }
    return running;
}

/// Somebody listens on the Unix socket. The kernel's table tells: a connection would be the place
/// of the one node that a signer serves.
bool listens(const std::string& socket) {
    std::ifstream table("/proc/net/unix");
    std::string line;
    std::getline(table, line);  // the heading
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string skipped;
        std::string flags;
        std::string path;
        fields >> skipped >> skipped >> skipped >> flags >> skipped >> skipped >> skipped;
        constexpr std::string_view accepts = "00010000";
        if (flags == accepts && std::getline(fields >> std::ws, path) && path == socket) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool is_ready(const Process& process) {
    if (process.kind == ProcessKind::signer) {
        return listens(process.api);
    }
    const auto endpoint = node::parse_endpoint(process.ops);
    if (!endpoint) {
        return false;
    }
    httplib::Client client(endpoint->host, endpoint->port);
    client.set_connection_timeout(1);
    client.set_read_timeout(1);
    const auto answer = client.Get("/readyz");
    constexpr int http_ok = 200;
    return answer && answer->status == http_ok;
}

Status<cli::Failure> start(const Process& process) {
    if (running_process(process.pid_file())) {
        return fail(cli::Failure{"PROCESS_RUNNING", process.name + " is running already",
                                 "stop it first with remit devnet kill " + process.name,
                                 cli::ExitCode::rejected});
    }
    return start_process(
        {process.program, process.arguments, process.pid_file(), process.log_file()});
}

Status<cli::Failure> wait_ready(const std::vector<const Process*>& processes, int patience_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    for (const auto* process : processes) {
        while (!is_ready(*process)) {
            if (Interruption::asked()) {
                return fail(cli::Failure{"INTERRUPTED",
                                         "stopped while waiting for " + process->name, "",
                                         cli::ExitCode::interrupted});
            }
            if (!running_process(process->pid_file())) {
                return not_ready(*process, "ended");
            }
            if (std::chrono::steady_clock::now() > until) {
                return not_ready(*process, "is not ready");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    return {};
}

int stop_all(const Network& network) {
    return stop_kind(network, ProcessKind::wallet) + stop_kind(network, ProcessKind::maker) +
           stop_kind(network, ProcessKind::bank) + stop_kind(network, ProcessKind::rail) +
           stop_kind(network, ProcessKind::node) + stop_kind(network, ProcessKind::signer);
}

}  // namespace remit::devnet
