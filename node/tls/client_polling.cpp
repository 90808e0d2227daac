#include "node/tls/client_polling.h"

#include <cstdlib>

namespace remit::node {

void poll_connections_often() {
    // gRPC 1.51 takes it from the environment alone.
    constexpr int keep = 0;
    ::setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "200", keep);
}

}  // namespace remit::node
