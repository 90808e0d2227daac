#include "test/sim/byzantine/actors.h"

// B24: honest messages with a bit, a byte, a number or the end changed.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class MutatedMessage final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        auto bytes = encode_message(message);
        if (random_.chance(200'000)) {
            misdeed();
            mutate(bytes);
        }
        send_bytes(to, bytes);
    }
    void mutate(Bytes& bytes) {
        const auto at = random_.below(bytes.size());
        switch (random_.below(6)) {
            case 0:
                bytes[at] =
                    static_cast<char>(bytes[at] ^ static_cast<char>(1U << random_.below(8)));
                break;
            case 1:
                bytes[at] = static_cast<char>(bytes[at] + 1);
                break;
            case 2:
                bytes[at] = static_cast<char>(bytes[at] - 1);
                break;
            case 3:
                bytes.resize(at);
                break;
            case 4:
                bytes.push_back(static_cast<char>(random_.below(256)));
                break;
            default:
                bytes[at] = static_cast<char>(random_.chance(500'000) ? 0 : 0xFF);
        }
    }
};
}  // namespace

std::unique_ptr<Actor> mutated_message(Seat seat) {
    return std::make_unique<MutatedMessage>(std::move(seat));
}

}  // namespace remit::sim
