#include "test/sim/byzantine/actors.h"

// B22: signatures s + L, of small order and all zero, in votes, certificates, acks and proposals.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class MalleatedSignature final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        if (!random_.chance(150'000)) {
            send(to, message);
            return;
        }
        auto odd = message;
        if (auto* mine = std::get_if<Vote>(&odd)) {
            mine->signature = malleated(mine->signature);
        } else if (auto* certificate = std::get_if<Certificate>(&odd)) {
            auto& one = certificate->signers.signatures.front();
            one = malleated(one);
        } else if (auto* ack = std::get_if<Ack>(&odd)) {
            ack->signature = malleated(ack->signature);
        } else if (auto* proposal = std::get_if<Proposal>(&odd)) {
            proposal->leader_signature = malleated(proposal->leader_signature);
        } else {
            send(to, message);
            return;
        }
        misdeed();
        send(to, odd);
    }
    /// s + L: the same point of the curve, another word for it.
    Signature malleated(Signature signature) {
        static constexpr std::uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                                   0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                                   0,    0,    0,    0,    0,    0,    0,    0,
                                                   0,    0,    0,    0,    0,    0,    0,    0x10};
        if (random_.chance(200'000)) {
            return {};
        }
        unsigned carry = 0;
        for (std::size_t i = 0; i < std::size(order); ++i) {
            carry += unsigned{signature.data[32 + i]} + order[i];
            signature.data[32 + i] = static_cast<std::uint8_t>(carry & 0xFFU);
            carry >>= 8U;
        }
        return signature;
    }
};
}  // namespace

std::unique_ptr<Actor> malleated_signature(Seat seat) {
    return std::make_unique<MalleatedSignature>(std::move(seat));
}

}  // namespace remit::sim
