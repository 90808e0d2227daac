#pragma once

#include "test/faults/frame_switch.h"
#include "test/support/devnet/devnet.h"

namespace remit::test {

/// Every validator in a network namespace of its own, with its own address behind a switch of ours;
/// clients sit in this process's namespace, on a port that no fault touches. Single packets can be
/// lost, so TCP behaves as between machines. Needs namespaces of network and mounts that belong to
/// this process tree alone (`unshare --net --mount --pid`, see tools/faults.sh).
class NamespaceLinks final : public Links {
public:
    /// Throws std::runtime_error where it is not allowed.
    NamespaceLinks(const Devnet& devnet, std::uint64_t seed);

    [[nodiscard]] std::string name() const override {
        return "network namespaces behind a switch of packets";
    }
    [[nodiscard]] std::string host(std::size_t node) const override;
    [[nodiscard]] std::vector<std::string> wrapper(std::size_t node) const override;
    [[nodiscard]] std::vector<std::string> settings(std::size_t node) const override;
    void set(std::size_t from, std::size_t to, const PathState& state) override {
        frame_switch_.set(from, to, state);
    }
    [[nodiscard]] bool has_packets() const override { return true; }

private:
    const Devnet& devnet_;
    FrameSwitch frame_switch_;
};

}  // namespace remit::test
