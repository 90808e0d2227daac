#pragma once

#include <atomic>

#include "consensus/signer.h"

namespace remit::node::signer {

/// Stands before a key and can be shut, for good: a newer process with the same key has been seen.
class KeyGate final : public consensus::Signer {
public:
    explicit KeyGate(const consensus::Signer& key) : key_(key) {}

    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        return shut_ ? std::nullopt : key_.signature_of(message);
    }
    /// Any thread. A signature that is being made still leaves.
    void shut() { shut_ = true; }
    [[nodiscard]] bool is_shut() const { return shut_; }

private:
    const consensus::Signer& key_;
    std::atomic<bool> shut_ = false;
};

}  // namespace remit::node::signer
