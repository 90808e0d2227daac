#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "test/faults/links.h"
#include "test/support/devnet/devnet.h"

namespace remit::test {

/// Where namespaces are not allowed: validators share the loopback and reach each other through a
/// relay of TCP connections for each direction. A cut holds bytes back instead of dropping them,
/// loss is the wait for a repetition, damage a bit of what was read at once; single packets cannot
/// be doubled or reordered.
class RelayLinks final : public Links {
public:
    /// Takes a port for each pair and writes it into the nodes' configurations.
    RelayLinks(const Devnet& devnet, std::uint64_t seed);
    ~RelayLinks() override;

    [[nodiscard]] std::string name() const override { return "a TCP relay on the loopback"; }
    [[nodiscard]] std::string host(std::size_t) const override { return "127.0.0.1"; }
    [[nodiscard]] std::vector<std::string> wrapper(std::size_t) const override { return {}; }
    [[nodiscard]] std::vector<std::string> settings(std::size_t) const override { return {}; }
    void set(std::size_t from, std::size_t to, const PathState& state) override;
    [[nodiscard]] bool has_packets() const override { return false; }

private:
    struct Ends {
        std::size_t from = 0;
        std::size_t to = 0;
    };
    void accept_all(int listener, Ends ends, std::uint16_t port);
    /// Carries bytes one way until either side closes.
    void carry(int source, int target, Ends ends);
    [[nodiscard]] PathState state_of(Ends ends);
    unsigned draw(unsigned count);
    void launch(std::thread thread);

    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::vector<std::vector<PathState>> paths_;
    std::mt19937_64 random_;
    std::vector<std::thread> threads_;
};

}  // namespace remit::test
