#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "test/faults/links.h"
#include "test/support/devnet/devnet.h"
#include "test/support/devnet/member_client.h"

namespace remit::test {

/// The validators of a run as processes: started, killed, frozen, asked how they are.
class Cluster {
public:
    Cluster(Devnet& devnet, Links& links) : devnet_(devnet), links_(links) {}

    /// `wrapper` stands between the network's and the node, `extra` behind its settings.
    void start(std::size_t node, const std::vector<std::string>& wrapper = {},
               const std::vector<std::string>& extra = {});
    /// From now on every node is started behind these words.
    void run_under(std::vector<std::string> words) { under_ = std::move(words); }
    /// kill -9.
    void kill(std::size_t node) { process(node).kill(); }
    void freeze(std::size_t node) { process(node).signal(SIGSTOP); }
    void thaw(std::size_t node) { process(node).signal(SIGCONT); }
    /// Whether it answers on its ops port within the limit.
    bool await_up(std::size_t node, std::chrono::seconds limit) const;
    /// Starts it again; throws std::runtime_error with the end of its log when it does not come up.
    void restart(std::size_t node, const std::vector<std::string>& wrapper = {},
                 const std::vector<std::string>& extra = {});

    [[nodiscard]] NodeProcess& process(std::size_t node) const { return devnet_.process(node); }
    [[nodiscard]] bool is_running(std::size_t node) const { return devnet_.is_running(node); }
    [[nodiscard]] std::size_t size() const { return devnet_.size(); }
    [[nodiscard]] const Devnet& devnet() const { return devnet_; }
    [[nodiscard]] Links& links() const { return links_; }
    [[nodiscard]] MemberClient client(std::size_t node) const;
    [[nodiscard]] std::string data_folder(std::size_t node) const {
        return devnet_.data_folder(node);
    }
    /// Newest executed height; nothing when it does not answer.
    [[nodiscard]] std::optional<std::uint64_t> height(std::size_t node) const;
    /// A line of its metrics; -1 when it is not there.
    [[nodiscard]] double gauge(std::size_t node, const std::string& name) const;
    /// The last lines of its log.
    [[nodiscard]] std::string log_tail(std::size_t node, std::size_t lines = 12) const;

private:
    Devnet& devnet_;
    Links& links_;
    std::vector<std::string> under_;
};

}  // namespace remit::test
