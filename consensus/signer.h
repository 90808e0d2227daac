#pragma once

#include <optional>

#include "ledger/base/keys.h"

namespace remit::consensus {

/// Signs with this validator's VALIDATE key. The daemon's implementations hold a key file or speak
/// with a process of their own, the simulator's has a seed. Called on the thread that steps the
/// engine, so it answers within a bounded time.
class Signer {
public:
    virtual ~Signer() = default;
    /// None when the key is away, or kept by somebody who will not sign this: the caller goes on
    /// without the signature and may ask again later.
    [[nodiscard]] virtual std::optional<Signature> signature_of(ByteView message) const = 0;
};

}  // namespace remit::consensus
