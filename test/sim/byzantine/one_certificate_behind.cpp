#include "test/sim/byzantine/actors.h"

// B25: whatever moves the others on reaches each of them one certificate late.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class OneCertificateBehind final : public Actor {
public:
    using Actor::Actor;

    void begin() override {
        every(30, [this] {
            for (auto& [to, waiting] : held_back_) {
                while (!waiting.empty() && waiting.front().first < view_) {
                    send(to, waiting.front().second);
                    waiting.pop_front();
                }
            }
        });
    }

private:
    void on_send(std::size_t to, const Message& message) override {
        const bool moves = std::holds_alternative<Vote>(message) ||
                           std::holds_alternative<Certificate>(message) ||
                           std::holds_alternative<Proposal>(message);
        if (!moves) {
            send(to, message);
            return;
        }
        misdeed();
        held_back_[to].emplace_back(view_, message);
    }

    std::map<std::size_t, std::deque<std::pair<View, Message>>> held_back_;
};
}  // namespace

std::unique_ptr<Actor> one_certificate_behind(Seat seat) {
    return std::make_unique<OneCertificateBehind>(std::move(seat));
}

}  // namespace remit::sim
