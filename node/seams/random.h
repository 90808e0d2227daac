#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ledger/base/bytes.h"

namespace remit::node {

/// Where nonces, ids and jitter come from.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::uint8_t* out, std::size_t size) = 0;

    template <class Fixed>
    Fixed draw() {
        Fixed out;
        fill(out.data.data(), out.data.size());
        return out;
    }
};

/// The operating system's generator, through libsodium. Thread-safe.
class SystemRandom final : public Random {
public:
    void fill(std::uint8_t* out, std::size_t size) override;
};

}  // namespace remit::node
