#include "test/sim/byzantine/actors.h"

// B14: acknowledges whatever it hears of, keeps nothing, serves nothing, and votes for every block
// as if it held the data.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class AckWithoutData final : public Actor {
public:
    using Actor::Actor;

private:
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* batch = std::get_if<BatchHandle>(&message)) {
            acknowledge((*batch)->entry());
            return;  // thrown away
        }
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            for (const auto& entry : proposal->header.batches) {
                acknowledge(entry);
            }
            misdeed();
            send_all(vote(VoteKind::notarize, proposal->header.view, proposal->header.digest()));
        }
        if (const auto* offer = std::get_if<Offer>(&message)) {
            for (const auto& entry : offer->entries) {
                acknowledge(entry);
            }
        }
        if (!std::holds_alternative<BatchesRequest>(message)) {
            hand_in(from, message);
        }
    }
    void acknowledge(const Entry& entry) {
        misdeed();
        send_all(Ack{.epoch = set().epoch(),
                     .entry = entry,
                     .signer = me(),
                     .signature = sign(ack_bytes(world_.chain.id, set(), entry))});
    }
};
}  // namespace

std::unique_ptr<Actor> ack_without_data(Seat seat) {
    return std::make_unique<AckWithoutData>(std::move(seat));
}

}  // namespace remit::sim
