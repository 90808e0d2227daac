#pragma once

#include <cstdint>
#include <string_view>

#include "ledger/base/codec.h"
#include "ledger/base/hash.h"
#include "node/seams/random.h"

namespace remit::test {

/// A seeded stream of numbers (splitmix64). Each subsystem and entity has a stream of its own, so
/// that removing one fault does not reshuffle the others.
class Prng final : public node::Random {
public:
    Prng(std::uint64_t seed, std::string_view subsystem, std::uint64_t entity = 0) {
        Writer writer;
        writer.u64(seed).u64(entity).raw(subsystem);
        const auto digest = hash(Domain{"remit.sim"}, writer.view());
        Reader reader(digest.view());
        state_ = reader.u64();
    }

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t value = state_;
        value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
        return value ^ (value >> 31U);
    }
    /// 0 .. count-1; count > 0.
    std::uint64_t below(std::uint64_t count) { return next() % count; }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    /// True this often in a million.
    bool chance(std::uint64_t per_million) { return below(1'000'000) < per_million; }

    void fill(std::uint8_t* out, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) {
            out[i] = static_cast<std::uint8_t>(next());
        }
    }

private:
    std::uint64_t state_ = 0;
};

}  // namespace remit::test
