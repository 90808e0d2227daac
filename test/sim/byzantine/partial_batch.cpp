#include "test/sim/byzantine/actors.h"

// B13: its batches reach one validator alone; to the others it gives neither the data nor, when
// they ask, an answer.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class PartialBatch final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        const auto favourite = others()[view_ / 8 % others().size()];
        if (to == favourite) {
            send(to, message);
            return;
        }
        if (const auto* proposal = std::get_if<Proposal>(&message);
            proposal != nullptr && proposal->inline_batch) {
            misdeed();
            auto bare = *proposal;
            bare.inline_batch = nullptr;
            send(to, bare);
        } else if (std::holds_alternative<BatchHandle>(message) ||
                   std::holds_alternative<AvailabilityCertificate>(message)) {
            misdeed();
        } else {
            send(to, message);
        }
    }
};
}  // namespace

std::unique_ptr<Actor> partial_batch(Seat seat) {
    return std::make_unique<PartialBatch>(std::move(seat));
}

}  // namespace remit::sim
