#include "test/sim/byzantine/actors.h"

// N2: proposals of another chain's parameters, leaders or version, well signed by the view's
// leader.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class ForeignHeader final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        switch (random_.below(5)) {
            case 0:
                out.params_hash = some_hash();
                break;
            case 1:
                out.leader_schedule_hash = some_hash();
                break;
            case 2:
                out.version += 1;
                break;
            case 3:
                out.leader = static_cast<ValidatorIndex>(set().size());  // nobody's
                break;
            default:
                return std::nullopt;
        }
        return out;
    }
};
}  // namespace

std::unique_ptr<Actor> foreign_header(Seat seat) {
    return std::make_unique<ForeignHeader>(std::move(seat));
}

}  // namespace remit::sim
