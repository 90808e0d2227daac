#pragma once

#include <cstdint>
#include <vector>

namespace remit::test {

/// TCP connections to a port of 127.0.0.1 that say nothing; closed with this object.
class SilentConnections {
public:
    /// As many of `count` as come about; tries none for longer than a second.
    SilentConnections(std::uint16_t port, int count);
    ~SilentConnections();
    SilentConnections(const SilentConnections&) = delete;
    SilentConnections& operator=(const SilentConnections&) = delete;

    [[nodiscard]] int count() const { return static_cast<int>(sockets_.size()); }
    /// How many the other end has closed or broken off.
    [[nodiscard]] int ended() const;

private:
    std::vector<int> sockets_;
};

}  // namespace remit::test
