#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "test/support/node/prng.h"

namespace remit::sim {

/// The draws of one happening. They come from a stream of the seed, or are told again from the
/// record of an earlier run for as long as that lasts; either way they are kept.
class Dice {
public:
    Dice(test::Prng& stream, std::vector<std::uint64_t>& kept, std::vector<std::uint64_t> told = {})
        : stream_(stream), kept_(kept), told_(std::move(told)) {}

    /// 0 .. count-1; count > 0.
    std::uint64_t below(std::uint64_t count) {
        return keep(next_ < told_.size() ? told_[next_++] % count : stream_.below(count));
    }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    /// True this often in a million.
    bool chance(std::uint64_t per_million) {
        const bool yes = next_ < told_.size() ? told_[next_++] != 0 : stream_.chance(per_million);
        return keep(yes ? 1 : 0) != 0;
    }

private:
    std::uint64_t keep(std::uint64_t drawn) {
        kept_.push_back(drawn);
        return drawn;
    }

    test::Prng& stream_;
    std::vector<std::uint64_t>& kept_;
    std::vector<std::uint64_t> told_;
    std::size_t next_ = 0;
};

}  // namespace remit::sim
