#pragma once

#include <array>
#include <atomic>

#include "node/network/peer_network.h"
#include "node/network/peer_receiver.h"
#include "node/reactor.h"

namespace remit::node {

/// Brings what arrives from peers to the reactor, and notes where each peer says it stands. What is
/// bulk data is told by its kind, not by the stream that it came on: the sender chose that.
class PeerInbox final : public PeerReceiver {
public:
    explicit PeerInbox(Reactor& reactor) : reactor_(reactor) {}

    void on_message(consensus::ValidatorIndex peer, consensus::Message message,
                    ReadLease lease) override;
    void on_garbage(consensus::ValidatorIndex peer) override;
    void on_connected(consensus::ValidatorIndex peer) override;
    void on_disconnected(consensus::ValidatorIndex peer) override;

    /// As the peer last said: to show, never to act on. 0 for one beyond those that the network
    /// has room for: it may be listed all the same.
    [[nodiscard]] consensus::Height height_of(consensus::ValidatorIndex peer) const {
        return peer < heights_.size() ? heights_[peer].load() : 0;
    }

private:
    Reactor& reactor_;
    std::array<std::atomic<consensus::Height>, PeerNetwork::peers_max> heights_{};
};

}  // namespace remit::node
