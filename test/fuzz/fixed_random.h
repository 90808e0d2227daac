#pragma once

#include "node/seams/random.h"

namespace remit::fuzz {

/// No chance outside the input: counts up.
class FixedRandom final : public node::Random {
public:
    void fill(std::uint8_t* out, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) {
            out[i] = next_++;  // NOLINT
        }
    }

private:
    std::uint8_t next_ = 1;
};

}  // namespace remit::fuzz
