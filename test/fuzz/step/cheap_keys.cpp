// Stands in for ledger/base/keys.cpp in this target alone, where nine tenths of the time would be
// spent on Ed25519: a signature is a hash of public key and message. Nothing but this harness makes
// one, and a changed byte breaks it just as well.
#include <algorithm>

#include "ledger/base/keys.h"

namespace remit {

namespace {

Signature signature_of(const PublicKey& key, ByteView message) {
    Signature out;
    const auto digest = hash(Domain{"fuzz.sign"}, {key.view(), message});
    std::copy(digest.data.begin(), digest.data.end(), out.data.begin());
    std::copy(digest.data.begin(), digest.data.end(), out.data.begin() + Hash::size);
    return out;
}

}  // namespace

SecretKey::SecretKey(const KeySeed& seed)
    : public_key_(*PublicKey::from(hash(Domain{"fuzz.key"}, seed.view()).view())) {}
SecretKey::SecretKey(SecretKey&&) noexcept = default;
SecretKey& SecretKey::operator=(SecretKey&&) noexcept = default;
SecretKey::~SecretKey() = default;

Signature SecretKey::sign(ByteView message) const {
    return signature_of(public_key_, message);
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
    return signature_of(key, message) == signature;
}

Bytes signed_bytes(Domain domain, std::initializer_list<ByteView> parts) {
    auto out = domain.tag();
    for (const auto part : parts) {
        out.append(part);
    }
    return out;
}

bool init_crypto() {
    return true;
}

}  // namespace remit
