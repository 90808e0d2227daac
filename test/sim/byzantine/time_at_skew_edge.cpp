#include "test/sim/byzantine/actors.h"

#include <limits>

// B17: block times as far ahead as voters allow, a little farther, far beyond, or not after the
// parent's.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class TimeAtSkewEdge final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        const auto skew = std::int64_t{params().skew_ms};
        const std::int64_t times[] = {inner_.wall_ms() + skew - 2,
                                      inner_.wall_ms() + skew,
                                      inner_.wall_ms() + skew + 1,
                                      inner_.wall_ms() + 3 * skew,
                                      std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min(),
                                      0};
        out.time_ms = times[random_.below(std::size(times))];
        if (const auto parent = headers_.find(header.parent_digest);
            parent != headers_.end() && random_.chance(300'000)) {
            out.time_ms = parent->second.time_ms + random_.between(0, 1);
        }
        return out;
    }
};
}  // namespace

std::unique_ptr<Actor> time_at_skew_edge(Seat seat) {
    return std::make_unique<TimeAtSkewEdge>(std::move(seat));
}

}  // namespace remit::sim
