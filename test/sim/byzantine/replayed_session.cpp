#include "test/sim/byzantine/actors.h"

// B23: everything it ever sent or heard, again, hours or moments later.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class ReplayedSession final : public Actor {
public:
    using Actor::Actor;

    void begin() override {
        every(40, [this] {
            if (!kept_.empty()) {
                misdeed();
                const auto& old = kept_[random_.below(kept_.size())];
                send_bytes(any_other(), old);
            }
        });
    }

private:
    void on_send(std::size_t to, const Message& message) override {
        keep(message);
        send(to, message);
    }
    void on_receive(std::size_t from, const Message& message) override {
        keep(message);
        hand_in(from, message);
    }
    void keep(const Message& message) {
        constexpr std::size_t most = 4000;
        auto bytes = encode_message(message);
        if (kept_.size() < most) {
            kept_.push_back(std::move(bytes));
        } else {
            kept_[random_.below(most)] = std::move(bytes);
        }
    }

    std::vector<Bytes> kept_;
};
}  // namespace

std::unique_ptr<Actor> replayed_session(Seat seat) {
    return std::make_unique<ReplayedSession>(std::move(seat));
}

}  // namespace remit::sim
