#pragma once

#include "consensus/signer.h"
#include "node/seams/key_file.h"

namespace remit::node {

/// Holds a validator's VALIDATE key, read from its file at start.
class FileSigner final : public consensus::Signer {
public:
    explicit FileSigner(SecretKey key) : key_(std::move(key)) {}

    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        return key_.sign(message);
    }
    [[nodiscard]] const PublicKey& public_key() const { return key_.public_key(); }

private:
    SecretKey key_;
};

}  // namespace remit::node
