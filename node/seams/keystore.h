#pragma once

#include <array>
#include <cstdint>

#include "ledger/base/keys.h"
#include "node/seams/key_file.h"

namespace remit::node {

/// How dear one guess of a passphrase is (argon2id). The default is libsodium's "moderate": one
/// second and 256 MiB.
struct KeystoreCost {
    std::uint32_t passes = 3;
    std::uint32_t memory_mib = 256;
    friend bool operator==(const KeystoreCost&, const KeystoreCost&) = default;
};
/// A file that asks for less is refused as weak, one that asks for more as an attack on memory and
/// time, both before anything is computed.
inline constexpr KeystoreCost keystore_cost_min{.passes = 2, .memory_mib = 64};
inline constexpr KeystoreCost keystore_cost_max{.passes = 8, .memory_mib = 1024};

/// A signing key encrypted with a passphrase, as its file holds it (docs/reference/keystore.md):
/// argon2id makes a key of the passphrase, XChaCha20-Poly1305 encrypts the seed and authenticates
/// everything in front of it.
struct Keystore {
    static constexpr std::size_t salt_size = 16;
    static constexpr std::size_t nonce_size = 24;
    static constexpr std::size_t box_size = 32 + 16;  // seed and tag
    static constexpr std::size_t file_size = 147;

    KeyPurpose purpose = KeyPurpose::validate;
    KeystoreCost cost;
    PublicKey public_key;  ///< as the file says; proven only by `unlock`
    FixedBytes<salt_size, struct KeystoreSaltTag> salt;
    FixedBytes<nonce_size, struct KeystoreNonceTag> nonce;
    FixedBytes<box_size, struct KeystoreBoxTag> box;

    /// Encrypts under fresh salt and nonce. Errors: bad_cost (also when the memory is not there).
    static Result<Keystore, KeyFileError> lock(KeyPurpose purpose, const KeySeed& seed,
                                               ByteView passphrase, KeystoreCost cost);
    /// Errors: bad_cost; wrong_passphrase, which is also what a damaged file gives.
    [[nodiscard]] Result<KeySeed, KeyFileError> unlock(ByteView passphrase) const;

    [[nodiscard]] Bytes encode() const;
    /// Whether the bytes claim to be a keystore (and no plain key file).
    static bool is_one(ByteView bytes);
    /// Errors: malformed, unknown_version, bad_cost.
    static Result<Keystore, KeyFileError> decode(ByteView bytes);
    /// Reads the header of a file without its passphrase. Errors: those of `decode`, missing,
    /// too_open (other than 0600 of this user, a link, or a second name).
    static Result<Keystore, KeyFileError> read(const std::string& path);
    /// Writes a file 0600 by temporary file, sync, rename and folder sync. `replace` false refuses
    /// to overwrite. Errors: unwritable.
    [[nodiscard]] Status<KeyFileError> write(const std::string& path, bool replace) const;

private:
    [[nodiscard]] Bytes head() const;
};

}  // namespace remit::node
