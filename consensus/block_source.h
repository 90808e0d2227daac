#pragma once

#include <optional>

#include "consensus/messages.h"

namespace remit::consensus {

/// What the host has stored, read by the engine to answer peers and to recover. Reads see every
/// commit handed over and every batch written before the step that reads. Called on the stepping
/// thread; a miss is an empty answer, never an error.
class BlockSource {
public:
    virtual ~BlockSource() = default;
    /// The committed block at this height.
    [[nodiscard]] virtual std::optional<StoredBlock> block(Height height) const = 0;
    /// The committed block with this digest.
    [[nodiscard]] virtual std::optional<Header> header(const Hash& digest) const = 0;
    /// Null if unknown.
    [[nodiscard]] virtual BatchHandle batch(const Hash& digest) const = 0;
    /// The way into this epoch, as an Output gave it.
    [[nodiscard]] virtual std::optional<HandOver> hand_over(Epoch /*epoch*/) const {
        return std::nullopt;
    }
    /// The description with this hash, if executing some block yielded it here.
    [[nodiscard]] virtual std::optional<EpochDescription> description(const Hash& /*hash*/) const {
        return std::nullopt;
    }
};

}  // namespace remit::consensus
