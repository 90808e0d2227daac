#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <vector>

#include "node/tls/connection_listener.h"
#include "node/tls/credentials.h"

namespace remit::node {

/// A gRPC server behind certificates, with the limits that every listener of this product has:
/// handshakes, headers, streams, pings, memory, connections. Packaged gRPC has no patch for what
/// HTTP/2 allows a connection to cost, so these hold for listed parties too.
class PinnedServer {
public:
    struct Settings {
        std::string name;  ///< of the setting, for messages and metrics: `api.listen`
        Endpoint listen;
        TlsIdentity identity;
        std::shared_ptr<const PeerList> peers;  ///< whose certificates are let in
        NoticeFunction notice = {};
        int received_bytes_max = 0;  ///< of one message
        int streams_max = 0;         ///< of one connection
        /// An idle or old connection ends, so that its certificate is checked again. Not for
        /// streams that are to last.
        bool ends_old_connections = false;
        Metrics* metrics = nullptr;
    };

    /// A silent connection is ended after this long.
    static constexpr std::chrono::milliseconds handshake_max{5000};

    /// Serves `services`, which outlive the server. Errors: bad_configuration when the address
    /// cannot be had.
    static Result<std::unique_ptr<PinnedServer>, Failure> start(
        const Settings& settings, const std::vector<grpc::Service*>& services);
    ~PinnedServer();
    PinnedServer(const PinnedServer&) = delete;
    PinnedServer& operator=(const PinnedServer&) = delete;

    /// Takes no more connections and calls, lets calls in flight end for half a second.
    void stop();
    grpc::Server& grpc_server() { return *server_; }

private:
    PinnedServer() = default;

    std::unique_ptr<ConnectionListener> listener_;
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
    std::unique_ptr<grpc::Server> server_;
};

}  // namespace remit::node
