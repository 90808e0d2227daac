#pragma once

#include <map>
#include <string>

#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "node/tls/certificate.h"
#include "tools/cli/failure.h"
#include "tools/devnet/network.h"

namespace remit::devnet {

/// A certificate with its pin.
struct Certificate {
    node::TlsIdentity identity;
    node::TransportPin pin;
};

/// Every secret of a new devnet, drawn before its genesis is made: the genesis names the public
/// halves.
struct Identities {
    /// By participant name, then purpose.
    std::map<std::string, std::map<KeyPurpose, KeySeed>> seeds;
    /// Of processes, by process name; of the clients, by participant name.
    std::map<std::string, Certificate> processes;
    std::map<std::string, Certificate> clients;

    [[nodiscard]] PublicKey public_key(const std::string& member, KeyPurpose purpose) const;
};

/// Draws keys of every purpose a participant's roles need, and certificates for each process and
/// each participant's client.
Result<Identities, cli::Failure> draw_identities(const Network& network);

/// Writes keys (0600, marked devnet) and certificates into the network's folder.
Status<cli::Failure> write_identities(const Network& network, const Identities& identities);

}  // namespace remit::devnet
