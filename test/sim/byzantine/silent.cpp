#include "test/sim/byzantine/actors.h"

// B1: hears everything, says nothing.

namespace remit::sim {

namespace {
class Silent final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t, const consensus::Message&) override { misdeed(); }
};
}  // namespace

std::unique_ptr<Actor> silent(Seat seat) {
    return std::make_unique<Silent>(std::move(seat));
}

}  // namespace remit::sim
