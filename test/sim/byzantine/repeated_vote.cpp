#include "test/sim/byzantine/actors.h"

// B11: each of its votes many times over. A signer counts once, however often it speaks.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class RepeatedVote final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        send(to, message);
        if (std::holds_alternative<Vote>(message) ||
            std::holds_alternative<ExecutionVote>(message) ||
            std::holds_alternative<Ack>(message)) {
            misdeed();
            for (int i = 0; i < 3; ++i) {
                send(to, message);
            }
        }
    }
};
}  // namespace

std::unique_ptr<Actor> repeated_vote(Seat seat) {
    return std::make_unique<RepeatedVote>(std::move(seat));
}

}  // namespace remit::sim
