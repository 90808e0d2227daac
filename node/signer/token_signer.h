#pragma once

#include <memory>

#include "node/signer/key_source.h"

namespace remit::node::signer {

/// Signs with an Ed25519 key that stays in a PKCS#11 token (a hardware module, SoftHSM2 in tests).
/// Every signature is verified before it is given on. A session that broke is opened again once.
/// One thread.
class TokenSigner final : public consensus::Signer {
public:
    /// Loads the module, logs in and finds the key pair. Errors: bad_configuration for a module,
    /// token or key that is not there or no Ed25519 key; not_allowed for a wrong PIN.
    static Result<std::unique_ptr<TokenSigner>, Failure> open(const TokenSettings& settings);
    ~TokenSigner() override;
    TokenSigner(const TokenSigner&) = delete;
    TokenSigner& operator=(const TokenSigner&) = delete;

    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override;
    [[nodiscard]] const PublicKey& public_key() const;

private:
    class Session;
    explicit TokenSigner(TokenSettings settings);
    TokenSettings settings_;
    PublicKey public_key_;
    mutable std::unique_ptr<Session> session_;
};

}  // namespace remit::node::signer
