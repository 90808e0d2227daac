#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/state/view.h"
#include "node/directory.h"
#include "node/network/peer_network.h"
#include "node/settings.h"
#include "node/signer/key_source.h"
#include "node/storage/chain.h"

namespace remit::node {

/// Which validator this node is, with what was checked of its files.
struct OwnPlace {
    consensus::PeerNumber index = 0;  ///< genesis's validators first, a node that joins behind them
    PublicKey validate_key;  ///< the key of now: genesis's, or a later one that governance planned
    std::optional<signer::OpenedKey> key;        ///< none: a signer process has it
    std::optional<PublicKey> next_validate_key;  ///< of the epoch to come; none: there is none
    std::optional<signer::OpenedKey> next_key;   ///< none: there is none, or a signer has it
    TransportPin pin;
    TlsIdentity identity;
    std::int64_t certificate_not_after_s = 0;
};

/// Reads keys and certificate, and finds the name in the genesis file. Errors: bad_configuration
/// for an unknown name, one validator without `dev`, or files that do not fit together; not_allowed
/// for a key that others can read. A signer process is not asked; whether they are this
/// validator's only the chain can say (check_listing).
Result<OwnPlace, Failure> find_own_place(const Settings& settings, const Chain& chain);

/// What [peers] says, by name: `host:port` of a validator that genesis names, `PIN@host:port` of
/// any other, or of one that has another certificate by now. Errors: bad_configuration for our own
/// name, an unknown one without its pin, one address twice, or a founder that leaves out another.
Result<std::map<std::string, ConfiguredPeer>, Failure> configured_peers(const Settings& settings,
                                                                        const Chain& chain);

/// `EPOCH:DIGEST` of node.trusted; empty text: none. Errors: bad_configuration.
Result<std::optional<consensus::TrustedRoot>, Failure> parse_trusted(const std::string& text);

/// For the network: addresses that cannot be read are left out.
PeerAddress address_of(const std::string& name, const Directory::Contact& contact);

/// Every TRANSPORT key in force in the registry, with its owner: who may call the API.
std::map<TransportPin, ListedPeer> listed_members(const ledger::StateView& state);

}  // namespace remit::node
