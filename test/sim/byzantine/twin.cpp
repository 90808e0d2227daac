#include "test/sim/byzantine/actors.h"
#include "test/sim/genesis.h"

// Twins: one key, two unmodified processes that know nothing of each other. Each of the others
// talks with the first, the second or both, and that changes.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class Twin final : public Actor {
public:
    explicit Twin(Seat seat) : Actor(std::move(seat)) {
        second_ =
            std::make_unique<SimulatedNode>(world_, inner_.index(), validate_key(inner_.index()));
        second_->capture([this](std::size_t to, ByteView bytes) {
            if (hears(to, 1)) {
                misdeed();
                // Decoded, so that the oracle learns what this process proposes, as of the first.
                send(to, decode_message(bytes).value());
            }
        });
    }
    void begin() override {
        second_->boot();
        for (const auto peer : others()) {
            second_->peer_up(peer);
        }
        every(1500, [this] {
            for (const auto peer : others()) {
                side_[peer] = static_cast<int>(random_.below(3));
            }
        });
    }

private:
    static constexpr int both = 2;
    [[nodiscard]] bool hears(std::size_t peer, int process) {
        const auto [found, fresh] = side_.try_emplace(peer, static_cast<int>(peer % 2));
        return found->second == process || found->second == both;
    }
    void on_send(std::size_t to, const Message& message) override {
        if (hears(to, 0)) {
            send(to, message);
        }
    }
    void on_receive(std::size_t from, const Message& message) override {
        if (hears(from, 0)) {
            hand_in(from, message);
        }
        if (hears(from, 1)) {
            second_->deliver(from, encode_message(message));
        }
    }

    std::unique_ptr<SimulatedNode> second_;
    std::map<std::size_t, int> side_;
};
}  // namespace

std::unique_ptr<Actor> twin(Seat seat) {
    return std::make_unique<Twin>(std::move(seat));
}

}  // namespace remit::sim
