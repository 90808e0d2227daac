#include "test/sim/byzantine/actors.h"

// B21: tries to make honest validators look guilty: their proposals and votes altered, under their
// signature or under a copied one.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class ForgedEvidence final : public Actor {
public:
    using Actor::Actor;

private:
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* proposal = std::get_if<Proposal>(&message);
            proposal != nullptr && random_.chance(500'000)) {
            misdeed();
            auto forged = *proposal;
            const auto how = random_.below(3);
            if (how == 0) {
                forged.header.time_ms += 1;  // the signature does not fit
            } else if (how == 1) {
                forged.leader_signature = vote(VoteKind::notarize, 1, some_hash()).signature;
            } else {
                forged.justification = {};  // true, but bare of what proves it
                forged.inline_batch = nullptr;
            }
            send_all(forged);
        }
        if (const auto* seen = std::get_if<Vote>(&message)) {
            misdeed();
            auto forged = *seen;
            forged.digest = some_hash();
            send(any_other(), forged);
            send(any_other(), *seen);  // another's vote on my connection
        }
        hand_in(from, message);
    }
};
}  // namespace

std::unique_ptr<Actor> forged_evidence(Seat seat) {
    return std::make_unique<ForgedEvidence>(std::move(seat));
}

}  // namespace remit::sim
