#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/state_access.h"
#include "node/network/peer_network.h"
#include "node/storage/chain.h"

namespace remit::node {

/// Every validator this node has heard of, of whatever epoch or plan, with a number that stays:
/// genesis's first, then this node if it is none of those, then others as the chain names them. One
/// thread at a time.
class Directory {
public:
    struct Peer {
        std::string name;
        std::vector<PublicKey> keys;  ///< VALIDATE keys, the first one first
        TransportPin pin;
        std::string address;  ///< of the chain; may be empty
    };
    /// What became known.
    struct News {
        consensus::PeerNumber number = 0;
        PublicKey key;
        bool new_peer = false;
    };

    explicit Directory(const Chain& chain);
    /// This node, when genesis does not name it. Returns its number.
    consensus::PeerNumber add_self(Peer self);
    /// What the epoch in force and the plan say; each thing is told once.
    std::vector<News> update(const ledger::StateReader& state);

    [[nodiscard]] const std::vector<Peer>& peers() const { return peers_; }
    /// Who may connect, by number: the validators of the epoch in force, of the one before it (they
    /// hand over) and of the plan. Who left is let go an epoch later.
    [[nodiscard]] std::vector<bool> admitted(const ledger::StateReader& state) const;

private:
    void see(const ledger::EpochValidator& validator, std::vector<News>& news);

    std::vector<Peer> peers_;  // by number
};

}  // namespace remit::node
