#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace remit::test {

/// What a one-way path between two validators does to what passes it.
struct PathState {
    bool cut = false;           // nothing arrives, and nobody is told
    unsigned loss_percent = 0;  // packets (namespaces) or moments (loopback) that are lost
    unsigned double_percent = 0;
    /// One bit of the packet flips. Of half of those of TCP the checksum is made to fit: the others
    /// end in the kernel, these go as far as TLS.
    unsigned damage_percent = 0;
    std::chrono::milliseconds delay{0};
    std::chrono::milliseconds jitter{0};  // up to so much more; reorders

    friend bool operator==(const PathState&, const PathState&) = default;
};

/// The network between validators, whose every direction can be broken apart from the others.
class Links {
public:
    virtual ~Links() = default;

    /// What carries it, in words for the report.
    [[nodiscard]] virtual std::string name() const = 0;
    /// Where a node's listeners are reached by clients.
    [[nodiscard]] virtual std::string host(std::size_t node) const = 0;
    /// Stands in front of a node's command.
    [[nodiscard]] virtual std::vector<std::string> wrapper(std::size_t node) const = 0;
    /// Words behind `run --config FILE`: where the node listens and finds its peers.
    [[nodiscard]] virtual std::vector<std::string> settings(std::size_t node) const = 0;
    /// From now on; any thread.
    virtual void set(std::size_t from, std::size_t to, const PathState& state) = 0;
    /// Whether single packets can be lost, doubled or damaged.
    [[nodiscard]] virtual bool has_packets() const = 0;
};

}  // namespace remit::test
