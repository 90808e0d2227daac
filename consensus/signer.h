#pragma once

#include "ledger/base/keys.h"

namespace remit::consensus {

/// Signs with this validator's VALIDATE key. The daemon's implementation holds a key file, the
/// simulator's a seed. Called on the thread that steps the engine.
class Signer {
public:
    virtual ~Signer() = default;
    [[nodiscard]] virtual Signature sign(ByteView message) const = 0;
};

}  // namespace remit::consensus
