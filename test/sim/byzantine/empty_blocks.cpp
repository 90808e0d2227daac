#include "test/sim/byzantine/actors.h"

// B16: its blocks are empty, whatever waits.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class EmptyBlocks final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        out.batches.clear();
        return header.batches.empty() ? std::nullopt : std::optional(out);
    }
};
}  // namespace

std::unique_ptr<Actor> empty_blocks(Seat seat) {
    return std::make_unique<EmptyBlocks>(std::move(seat));
}

}  // namespace remit::sim
