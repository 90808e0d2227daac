#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "node/tls/certificate.h"
#include "test/support/devnet/tls_socket.h"

namespace remit::test {

/// Connections of a listed party that only wants to keep others out: each goes through the
/// handshake, says what it is told and from then on answers the server's pings, for as long as this
/// object lives.
class HeldConnections {
public:
    /// `first`: what each sends behind HTTP/2's preface.
    HeldConnections(std::uint16_t port, const node::TlsIdentity& identity, std::string first);
    ~HeldConnections();
    HeldConnections(const HeldConnections&) = delete;
    HeldConnections& operator=(const HeldConnections&) = delete;

    /// So many more, one after the other.
    void add(int count);
    /// Those that the other end has not closed yet.
    [[nodiscard]] int open() const;

private:
    void answer_pings();

    std::uint16_t port_;
    const node::TlsIdentity& identity_;
    std::string first_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<TlsSocket>> sockets_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace remit::test
