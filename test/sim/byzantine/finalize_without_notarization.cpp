#include "test/sim/byzantine/actors.h"

// B6: Finalize for each block at the sight of its proposal, whatever becomes of it.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class FinalizeWithoutNotarization final : public Actor {
public:
    using Actor::Actor;

private:
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            hasten(proposal->header);
        }
        hand_in(from, message);
    }
    void on_send(std::size_t to, const Message& message) override {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            hasten(proposal->header);
        }
        send(to, message);
    }
    void hasten(const Header& header) {
        if (!notarizations_.contains(header.view)) {
            misdeed();
            send_all(vote(VoteKind::finalize, header.view, header.digest()));
        }
    }
};
}  // namespace

std::unique_ptr<Actor> finalize_without_notarization(Seat seat) {
    return std::make_unique<FinalizeWithoutNotarization>(std::move(seat));
}

}  // namespace remit::sim
