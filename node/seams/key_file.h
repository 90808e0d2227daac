#pragma once

#include <functional>
#include <string>

#include "ledger/base/keys.h"
#include "ledger/base/result.h"

namespace remit::node {

/// The numbers stand in messages and docs/reference/keystore.md; they are never used again.
enum class KeyFileFailure : std::uint16_t {
    missing = 1001,
    too_open = 1002,  ///< others may read it, or it has a second name
    malformed = 1003,
    wrong_purpose = 1004,
    wrong_network = 1005,  ///< a devnet key under a genesis that is no devnet
    unwritable = 1006,
    no_passphrase = 1007,     ///< encrypted, and nobody gave a passphrase
    wrong_passphrase = 1008,  ///< or damaged: the two look the same
    bad_cost = 1009,          ///< cheaper to guess than allowed, or dearer than a host should pay
    unknown_version = 1010,
};

/// Why a key file is refused, with what to do about it.
struct KeyFileError {
    KeyFileFailure failure = KeyFileFailure::malformed;
    std::string text;
    /// The text behind its number, for a person.
    [[nodiscard]] std::string numbered() const {
        return std::to_string(static_cast<int>(failure)) + " " + text;
    }
};

/// Gives the passphrase of the file at `path`, or why there is none. Asked for encrypted files
/// only; whoever calls it clears what it gave.
using AskPassphrase = std::function<Result<Bytes, std::string>(const std::string& path)>;

/// What the caller expects of a key file.
struct KeyFileUse {
    KeyPurpose purpose = KeyPurpose::operate;
    bool devnet = false;  ///< the genesis in use says so; any other refuses devnet keys
    AskPassphrase passphrase = nullptr;  ///< none: encrypted files are refused
};

/// Reads an encrypted key file (Keystore), or a plain devnet one:
///
///     remit-devnet-key
///     purpose OPERATE
///     public <64 hexadecimal characters>
///     seed <64 hexadecimal characters>
///
/// Mode 0600 is required. The public key must be the seed's. Errors: all but unwritable.
Result<SecretKey, KeyFileError> read_key_file(const std::string& path, const KeyFileUse& use);

/// Writes such a file, mode 0600; refuses to overwrite.
Status<KeyFileError> write_devnet_key_file(const std::string& path, KeyPurpose purpose,
                                           const KeySeed& seed);

}  // namespace remit::node
