#pragma once

#include <string>

#include "ledger/base/keys.h"
#include "ledger/base/result.h"

namespace remit::node {

enum class KeyFileFailure : std::uint8_t {
    missing,
    too_open,  ///< group or others may read it
    malformed,
    wrong_purpose,
    wrong_network,  ///< a devnet key under a genesis that is no devnet
    unwritable,
};

/// Why a key file is refused, with what to do about it.
struct KeyFileError {
    KeyFileFailure failure = KeyFileFailure::malformed;
    std::string text;
};

/// What the caller expects of a key file.
struct KeyFileUse {
    KeyPurpose purpose = KeyPurpose::operate;
    bool devnet = false;  ///< the genesis in use says so; any other refuses devnet keys
};

/// Reads a plain devnet key file:
///
///     remit-devnet-key
///     purpose OPERATE
///     public <64 hexadecimal characters>
///     seed <64 hexadecimal characters>
///
/// Mode 0600 is required. The public key must be the seed's.
Result<SecretKey, KeyFileError> read_key_file(const std::string& path, KeyFileUse use);

/// Writes such a file, mode 0600; refuses to overwrite.
Status<KeyFileError> write_devnet_key_file(const std::string& path, KeyPurpose purpose,
                                           const KeySeed& seed);

}  // namespace remit::node
