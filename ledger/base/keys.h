#pragma once

#include <memory>

#include "ledger/base/bytes.h"
#include "ledger/base/hash.h"

namespace remit {

using PublicKey = FixedBytes<32, struct PublicKeyTag>;
using Signature = FixedBytes<64, struct SignatureTag>;
using KeySeed = FixedBytes<32, struct KeySeedTag>;

/// What a key may sign. One key, one purpose (design: key purposes in the registry).
enum class KeyPurpose : std::uint8_t {
    operate,
    quote,
    bank,
    compliance,
    govern,
    view,
    gateway,
    audit,
    regulate,
    validate,
    transport,
};
inline constexpr KeyPurpose key_purpose_last = KeyPurpose::transport;
/// `OPERATE`, `QUOTE`, ...
std::string_view name_of(KeyPurpose purpose);
std::optional<KeyPurpose> key_purpose_from(std::string_view name);

/// An Ed25519 secret key. Its memory is locked and zeroed when it goes; it cannot be copied.
class SecretKey {
public:
    explicit SecretKey(const KeySeed& seed);
    SecretKey(SecretKey&&) noexcept;
    SecretKey& operator=(SecretKey&&) noexcept;
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    ~SecretKey();

    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    /// Signs the bytes as they are; callers put the domain tag in front (see `signed_bytes`).
    [[nodiscard]] Signature sign(ByteView message) const;

private:
    PublicKey public_key_;
    unsigned char* secret_ = nullptr;  // sodium_malloc, 64 bytes
};

/// `domain tag | parts...`: the only form of message that is ever signed.
Bytes signed_bytes(Domain domain, std::initializer_list<ByteView> parts);

/// libsodium's verdict, and no other: this function defines validity on the network (ADR 0006).
bool verify(const PublicKey& key, ByteView message, const Signature& signature);

/// False for keys of small order and points off the curve: refused at registration.
bool is_acceptable(const PublicKey& key);

/// Call once at start of a program; libsodium picks its implementations. True when usable.
bool init_crypto();

}  // namespace remit
