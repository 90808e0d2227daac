#pragma once

#include <array>
#include <map>
#include <optional>

#include "consensus/certificate.h"
#include "consensus/evidence.h"
#include "consensus/messages.h"

namespace remit::consensus {

/// The votes of one view, one slot per kind and signer; the first vote in a slot stays. Signatures
/// were checked by the caller.
class VoteSet {
public:
    /// Takes the vote. Gives what it contradicts, if anything.
    std::optional<Evidence> add(const Vote& vote);
    [[nodiscard]] const Vote* slot(VoteKind kind, ValidatorIndex signer) const;
    [[nodiscard]] std::size_t count(VoteKind kind) const;
    /// Signers of a notarize vote for this digest, lowest first.
    [[nodiscard]] std::optional<ValidatorIndex> voter_for(const Hash& digest) const;
    /// A certificate of q equal votes of this kind, once there are so many.
    [[nodiscard]] std::optional<Certificate> certificate(VoteKind kind,
                                                         const ValidatorSet& set) const;

private:
    using Slots = std::map<ValidatorIndex, Vote>;
    [[nodiscard]] const Slots& slots(VoteKind kind) const {
        return slots_[static_cast<std::size_t>(kind) - 1];
    }
    std::array<Slots, 3> slots_;
};

}  // namespace remit::consensus
