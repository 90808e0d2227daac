#include "node/peer_inbox.h"

#include "node/ops/log.h"

namespace remit::node {

void PeerInbox::on_message(consensus::ValidatorIndex peer, consensus::Message message,
                           ReadLease lease) {
    if (const auto* status = std::get_if<consensus::PeerStatus>(&message)) {
        heights_.at(peer) = status->executed_height;
    }
    reactor_.post(
        [peer, message = std::move(message), lease = std::move(lease)](Replica& replica) mutable {
            replica.on_peer_message(peer, std::move(message));
        });
}

void PeerInbox::on_garbage(consensus::ValidatorIndex peer) {
    log_warning("peer_sent_garbage", {{"validator", peer}});
    // An empty frame is no message: the replica counts it against the peer.
    reactor_.post([peer](Replica& replica) { replica.on_peer_bytes(peer, {}); });
}

void PeerInbox::on_connected(consensus::ValidatorIndex peer) {
    log_info("peer_connected", {{"validator", peer}});
    reactor_.post([peer](Replica& replica) { replica.on_peer_connected(peer); });
}

void PeerInbox::on_disconnected(consensus::ValidatorIndex peer) {
    log_info("peer_disconnected", {{"validator", peer}});
    reactor_.post([peer](Replica& replica) { replica.on_peer_disconnected(peer); });
}

}  // namespace remit::node
