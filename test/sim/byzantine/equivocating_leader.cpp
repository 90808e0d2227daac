#include "test/sim/byzantine/actors.h"

// B3: one block to half of the validators, another to the rest, sometimes both to one.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class EquivocatingLeader final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        const auto* proposal = std::get_if<Proposal>(&message);
        if (proposal == nullptr || to % 2 == 0) {
            send(to, message);
            return;
        }
        misdeed();
        auto header = proposal->header;
        header.time_ms += 1;
        if (header.view % 2 == 0) {
            header.batches.clear();
        }
        const auto other = with_header(*proposal, header);
        headers_.emplace(header.digest(), header);
        constexpr std::uint64_t both = 300'000;
        if (random_.chance(both)) {
            send(to, message);
        }
        send(to, other);
    }
};
}  // namespace

std::unique_ptr<Actor> equivocating_leader(Seat seat) {
    return std::make_unique<EquivocatingLeader>(std::move(seat));
}

}  // namespace remit::sim
