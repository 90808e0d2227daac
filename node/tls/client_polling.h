#pragma once

namespace remit::node {

/// For programs that call through gRPC's synchronous clients; before the first channel is made.
/// A call that fails at once polls nothing, so while every server is away handshakes get on only at
/// gRPC's background poll: every 5 s, too slowly to ever end on a busy machine. Makes it 200 ms,
/// unless GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS says otherwise.
void poll_connections_often();

}  // namespace remit::node
