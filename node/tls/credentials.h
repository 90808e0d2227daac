#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <optional>

#include "node/tls/certificate.h"
#include "node/tls/peer_list.h"

namespace grpc {
class AuthContext;
}  // namespace grpc

namespace remit::node {

/// What a handshake noticed about a peer. Unlisted peers are refused; an expired certificate of a
/// listed key is let in, because certificate expiry must not cut a quorum, but it is told.
enum class HandshakeNotice { unlisted, unreadable, expired };
std::string_view name_of(HandshakeNotice notice);

/// Called from gRPC threads; must not block.
using NoticeFunction = std::function<void(HandshakeNotice, const CertificateFacts&)>;

/// Credentials of a listener that demands a client certificate whose key is on `list`. Everyone
/// else ends in the TLS handshake, before any HTTP/2 (CVE-2023-33953, CVE-2023-44487 in the
/// packaged gRPC are out of a stranger's reach).
std::shared_ptr<grpc::ServerCredentials> pinned_server_credentials(
    const TlsIdentity& identity, std::shared_ptr<const PeerList> list, NoticeFunction notice = {});

/// Credentials of a channel that accepts a server only when its key is on `list`.
std::shared_ptr<grpc::ChannelCredentials> pinned_channel_credentials(
    const TlsIdentity& identity, std::shared_ptr<const PeerList> list, NoticeFunction notice = {});

/// The pin of the peer of a call, from `context->auth_context()`. Empty without a certificate.
std::optional<TransportPin> peer_pin(const grpc::AuthContext& context);

/// Routes gRPC's own log lines away from stderr: errors go to `sink`, the rest is dropped. Call
/// before the first channel or server.
void quiet_grpc_log(std::function<void(std::string_view line)> sink);

}  // namespace remit::node
