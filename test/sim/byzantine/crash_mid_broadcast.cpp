#include "test/sim/byzantine/actors.h"

// B2: loses its power at the worst time, when one validator has its proposal and two have not.

namespace remit::sim {

namespace {
class CrashMidBroadcast final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const consensus::Message& message) override {
        if (dying_) {
            return;
        }
        send(to, message);
        const auto* proposal = std::get_if<consensus::Proposal>(&message);
        constexpr std::uint64_t often = 500'000;
        if (proposal != nullptr && random_.chance(often)) {
            dying_ = true;
            misdeed();
            // Not inside the node's own turn.
            world_.scheduler.after(0, [this] {
                inner_.crash(true);
                dying_ = false;
            });
        }
    }

    bool dying_ = false;
};
}  // namespace

std::unique_ptr<Actor> crash_mid_broadcast(Seat seat) {
    return std::make_unique<CrashMidBroadcast>(std::move(seat));
}

}  // namespace remit::sim
