#pragma once

#include <memory>

#include "consensus/signer.h"
#include "node/ops/failure.h"
#include "node/signer/settings.h"

namespace remit::node::signer {

/// Where a VALIDATE key is: in a file or in a token, not both.
struct KeySource {
    std::string file;
    std::string passphrase_file;
    TokenSettings token;
    bool devnet = false;  ///< the genesis says so: plain key files are allowed
};

/// A key that signs whatever it is given.
struct OpenedKey {
    std::unique_ptr<consensus::Signer> signer;
    PublicKey public_key;
};

/// Errors: not_allowed for a key that cannot be had; bad_configuration for none or two of them and
/// for a damaged file. Messages carry the numbers of docs/reference/keystore.md.
Result<OpenedKey, Failure> open_key(const KeySource& source);

}  // namespace remit::node::signer
