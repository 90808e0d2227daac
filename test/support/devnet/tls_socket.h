#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "node/tls/certificate.h"

namespace remit::test {

/// A TLS connection to a port of 127.0.0.1 that sends any bytes: what a listed party with a program
/// of its own may do to a listener. Speaks h2 in its handshake, checks nothing of the server.
class TlsSocket {
public:
    /// `is_open` says whether the handshake came through; with TLS 1.3 a server that refuses the
    /// certificate says so only afterwards.
    TlsSocket(std::uint16_t port, const node::TlsIdentity& identity);
    ~TlsSocket();
    TlsSocket(const TlsSocket&) = delete;
    TlsSocket& operator=(const TlsSocket&) = delete;

    [[nodiscard]] bool is_open() const;
    /// False once the other end has closed, or takes nothing for five seconds.
    bool send(const std::string& bytes);
    /// What has come until the other end closes, says nothing for `limit`, or 1 MiB came.
    std::string receive(std::chrono::milliseconds limit);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace remit::test
