#include "ledger/base/keys.h"

#include <sodium.h>

#include <array>
#include <utility>

#include "ledger/base/check.h"

namespace remit {

namespace {
constexpr std::array<std::string_view, 11> purpose_names{
    "OPERATE", "QUOTE", "BANK",     "COMPLIANCE", "GOVERN",   "VIEW",
    "GATEWAY", "AUDIT", "REGULATE", "VALIDATE",   "TRANSPORT"};

const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());  // NOLINT
}
}  // namespace

std::string_view name_of(KeyPurpose purpose) {
    return purpose_names.at(static_cast<std::size_t>(purpose));
}

std::optional<KeyPurpose> key_purpose_from(std::string_view name) {
    for (std::size_t i = 0; i < purpose_names.size(); ++i) {
        if (purpose_names.at(i) == name) {
            return static_cast<KeyPurpose>(i);
        }
    }
    return std::nullopt;
}

SecretKey::SecretKey(const KeySeed& seed) {
    CHECK(init_crypto());
    secret_ = static_cast<unsigned char*>(sodium_malloc(crypto_sign_SECRETKEYBYTES));
    CHECK(secret_ != nullptr);
    CHECK(crypto_sign_seed_keypair(public_key_.data.data(), secret_, seed.data.data()) == 0);
}

SecretKey::SecretKey(SecretKey&& other) noexcept
    : public_key_(other.public_key_), secret_(std::exchange(other.secret_, nullptr)) {}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
    std::swap(public_key_, other.public_key_);
    std::swap(secret_, other.secret_);
    return *this;
}

SecretKey::~SecretKey() {
    sodium_free(secret_);
}

Signature SecretKey::sign(ByteView message) const {
    CHECK(secret_ != nullptr);
    Signature out;
    CHECK(crypto_sign_detached(out.data.data(), nullptr, raw(message), message.size(), secret_) ==
          0);
    return out;
}

Bytes signed_bytes(Domain domain, std::initializer_list<ByteView> parts) {
    Bytes out = domain.tag();
    for (ByteView part : parts) {
        out.append(part);
    }
    return out;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
    return crypto_sign_verify_detached(signature.data.data(), raw(message), message.size(),
                                       key.data.data()) == 0;
}

bool is_acceptable(const PublicKey& key) {
    return crypto_core_ed25519_is_valid_point(key.data.data()) == 1;
}

bool init_crypto() {
    return sodium_init() >= 0;
}

}  // namespace remit
