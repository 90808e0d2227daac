#include "test/sim/byzantine/actors.h"

// B15: names the batches of everybody but one validator.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class CensoringLeader final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        const auto victim = others()[world_.seed % others().size()];
        std::erase_if(out.batches, [victim](const Entry& entry) { return entry.author == victim; });
        return out.batches.size() != header.batches.size() ? std::optional(out) : std::nullopt;
    }
};
}  // namespace

std::unique_ptr<Actor> censoring_leader(Seat seat) {
    return std::make_unique<CensoringLeader>(std::move(seat));
}

}  // namespace remit::sim
