#pragma once

#include <string>
#include <vector>

#include "consensus/codec.h"
#include "consensus/types.h"
#include "ledger/base/keys.h"

namespace remit::consensus {

/// One voter. The key has purpose VALIDATE and signs votes, batches, acks and execution votes.
struct Validator {
    PublicKey key;
    std::string name;
    friend bool operator==(const Validator&, const Validator&) = default;
};

/// The validators of one epoch, in the order their indexes mean. Immutable once made.
class ValidatorSet {
public:
    ValidatorSet() = default;
    ValidatorSet(Epoch epoch, std::vector<Validator> validators);

    [[nodiscard]] Epoch epoch() const { return epoch_; }
    [[nodiscard]] const std::vector<Validator>& validators() const { return validators_; }
    [[nodiscard]] std::size_t size() const { return validators_.size(); }
    [[nodiscard]] bool contains(ValidatorIndex index) const { return index < size(); }
    /// Only for an index that the set contains.
    [[nodiscard]] const PublicKey& key(ValidatorIndex index) const;
    /// Faulty validators tolerated: floor((n-1)/3).
    [[nodiscard]] std::size_t f() const;
    /// Votes in a certificate: n-f.
    [[nodiscard]] std::size_t q() const;
    /// Hash of the canonical bytes; part of everything a validator signs.
    [[nodiscard]] const Hash& hash() const { return hash_; }
    /// Bytes of a signer bitmap: ceil(n/8).
    [[nodiscard]] std::size_t bitmap_bytes() const { return (size() + 7) / 8; }

    void write(Writer& writer) const;
    static ValidatorSet read(Reader& reader);

private:
    Epoch epoch_ = 0;
    std::vector<Validator> validators_;
    Hash hash_;
};

}  // namespace remit::consensus
