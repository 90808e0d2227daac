#pragma once

#include "ledger/base/keys.h"
#include "ledger/ids.h"
#include "remit/v1/operation.pb.h"
#include "tools/cli/failure.h"
#include "tools/devnet/network.h"

namespace remit::cli {

/// The key of a participant of the devnet; exit 6 or 7 when its file is refused.
Result<SecretKey, Failure> read_member_key(const devnet::Network& network,
                                           const std::string& member, KeyPurpose purpose);

/// A body as signed: what is sent and the id it will be known by.
struct SignedTransaction {
    v1::Envelope envelope;
    Hash id;
};

/// Serializes and signs `body` for the chain.
SignedTransaction sign_body(const v1::Body& body, const SecretKey& key, const Hash& chain_id);

/// Milliseconds since 1970 of this machine's clock: for valid-until and expiry only.
std::int64_t wall_clock_ms();

}  // namespace remit::cli
