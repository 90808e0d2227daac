#pragma once

#include <memory>

#include "node/api/ledger_service.h"
#include "node/ops/config.h"
#include "node/tls/pinned_server.h"

namespace remit::node {

struct ApiServerConfig {
    Endpoint listen;
    TlsIdentity identity;
    bool reflection = false;
};

/// The listener of the member API: certificate required and pinned, sizes, streams and idle
/// connections bounded, health service on.
class ApiServer {
public:
    ApiServer(ApiServerConfig config, LedgerService::Parts parts, NoticeFunction notice);
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    /// Errors: bad_configuration when the address cannot be had.
    Status<Failure> start();
    /// Takes no more calls, ends the streams, lets calls in flight end for half a second.
    void stop();
    /// What the health service says.
    void set_serving(bool serving);
    LedgerService& service() { return service_; }

private:
    ApiServerConfig config_;
    std::shared_ptr<const PeerList> members_;
    Metrics& metrics_;
    NoticeFunction notice_;
    LedgerService service_;
    std::unique_ptr<PinnedServer> server_;
};

}  // namespace remit::node
