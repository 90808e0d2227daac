#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/state_access.h"
#include "node/network/peer_network.h"
#include "node/storage/chain.h"

namespace remit::node {

/// What this node's own settings say of a peer.
struct ConfiguredPeer {
    std::string address;              ///< `host:port`
    std::optional<TransportPin> pin;  ///< must be there for one that genesis does not name
};

/// Every validator this node has heard of, of whatever epoch or plan, with a number that stays:
/// genesis's first, then this node if it is none of those, then those of the settings, then others
/// as the chain names them. One thread at a time.
class Directory {
public:
    struct Peer {
        std::string name;
        std::vector<PublicKey> keys;  ///< VALIDATE keys, the first one first; none: not known yet
    };
    /// What became known.
    struct News {
        consensus::PeerNumber number = 0;
        PublicKey key;
        bool new_peer = false;
    };
    /// How a peer is met now.
    struct Contact {
        bool admitted = false;               ///< whether it may connect at all
        std::vector<TransportPin> pins;      ///< of the certificates it may show
        std::vector<std::string> addresses;  ///< where it may be, the newest word first
    };

    explicit Directory(const Chain& chain);
    /// This node, when genesis does not name it. Returns its number.
    consensus::PeerNumber add_self(Peer self);
    /// What the settings say; `state` is of the newest height that is here.
    void configure(const std::map<std::string, ConfiguredPeer>& configured,
                   const ledger::StateReader& state);
    /// What the epoch in force and the plan say; each thing is told once.
    std::vector<News> update(const ledger::StateReader& state);

    [[nodiscard]] const std::vector<Peer>& peers() const { return peers_; }
    /// By number. The validators of the epoch in force, of the one before it (they hand over) and
    /// of the plan may connect; who left is let go an epoch later. A certificate counts from the
    /// plan that names it until the epoch that names another, an address likewise, and the address
    /// of the settings is tried last. A certificate of the settings counts until the chain that is
    /// here has named it for this peer: from then on the chain decides, and may take it back.
    [[nodiscard]] std::vector<Contact> contacts(const ledger::StateReader& state) const;

private:
    struct Configured {
        ConfiguredPeer said;
        bool listed = false;  // the chain has named this certificate for this peer
    };
    void see(const ledger::EpochValidator& validator, std::vector<News>& news);
    void note_listed(const std::vector<ledger::EpochValidator>& validators);

    std::vector<Peer> peers_;  // by number
    std::map<std::string, Configured> configured_;
};

}  // namespace remit::node
