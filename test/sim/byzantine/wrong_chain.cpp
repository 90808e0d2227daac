#include "test/sim/byzantine/actors.h"

// B10: votes and certificates of another chain, epoch or validator set.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class WrongChain final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        send(to, message);
        if (!random_.chance(200'000)) {
            return;
        }
        if (const auto* mine = std::get_if<Vote>(&message)) {
            misdeed();
            auto wrong = *mine;
            if (random_.chance(500'000)) {
                wrong.epoch += 1;
            } else {
                wrong.view += 1;
                wrong.signature =
                    sign(vote_bytes(some_hash(), set(), wrong.kind, wrong.view, wrong.digest));
            }
            send(to, wrong);
        } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
            misdeed();
            auto wrong = *certificate;
            wrong.view += 1;  // not held already, so it is looked at
            if (random_.chance(500'000)) {
                wrong.epoch += 1;
            } else {
                wrong.valset_hash = some_hash();
            }
            send(to, wrong);
        }
    }
};
}  // namespace

std::unique_ptr<Actor> wrong_chain(Seat seat) {
    return std::make_unique<WrongChain>(std::move(seat));
}

}  // namespace remit::sim
