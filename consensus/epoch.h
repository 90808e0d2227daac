#pragma once

#include <optional>
#include <vector>

#include "consensus/certificate.h"
#include "consensus/header.h"
#include "consensus/params.h"
#include "consensus/validator_set.h"

namespace remit::consensus {

/// What an epoch is (consensus.md 3.9). The executed state yields it; a result carries its hash.
struct EpochDescription {
    ValidatorSet set;
    Params params;
    /// The first block at or above it whose header has a result of this epoch is the last one.
    Height end_height = never_ends;
    /// Who votes but does not lead: ascending indexes in `set`, at most f (3.10).
    std::vector<ValidatorIndex> demoted = {};
    Bytes host;  ///< what the host wants to find again; opaque here

    void write(Writer& writer) const;
    static EpochDescription read(Reader& reader);
    [[nodiscard]] Hash hash() const;
    /// A set that can vote, parameters within the limits, and leaders.
    [[nodiscard]] bool acceptable() const;
};

/// The way from one epoch to the next: the epoch_last block, closing blocks on top of it, a
/// Finalization of the newest of them by the old set, and the description that epoch_last's result
/// names. Whoever knows the old set can check it: the chain of these is how trust gets from genesis
/// to any later set.
struct HandOver {
    EpochDescription next;
    std::vector<Header> headers;  ///< epoch_last first
    Certificate finalization;     ///< of the last of `headers`

    [[nodiscard]] Epoch epoch() const { return next.set.epoch(); }  ///< the one it leads into
    void write(Writer& writer) const;
    static HandOver read(Reader& reader);
};

/// What an operator knows of the chain from elsewhere: the block that an epoch stands on, and with
/// it all below. Validators that left could sign another history with the keys they had; nobody who
/// knows a later root follows it.
struct TrustedRoot {
    Epoch epoch = 0;
    Hash block;  ///< digest of the last block of the epoch before

    friend bool operator==(const TrustedRoot&, const TrustedRoot&) = default;
};

/// False: the way leads into the trusted root's epoch, from another block.
bool agrees(const HandOver& hand_over, const std::optional<TrustedRoot>& trusted);

/// `set` is the old epoch's. Nothing else defines validity.
bool verify(const HandOver& hand_over, const ValidatorSet& set, const Hash& chain_id);

}  // namespace remit::consensus
