#include "test/sim/byzantine/actors.h"

// Every vote there is, in each view, for each block: the Byzantine node of the formal model.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class VoteForEverything final : public Actor {
public:
    using Actor::Actor;

private:
    void on_epoch() override { done_.clear(); }
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            const auto digest = proposal->header.digest();
            everything(proposal->header.view, digest);
        } else if (const auto* seen = std::get_if<Vote>(&message)) {
            everything(seen->view, seen->digest);
        }
        hand_in(from, message);
    }
    void everything(View view, const Hash& digest) {
        if (!done_.insert({view, digest}).second) {
            return;
        }
        misdeed();
        send_all(vote(VoteKind::nullify, view, {}));
        if (!digest.is_zero()) {
            send_all(vote(VoteKind::notarize, view, digest));
            send_all(vote(VoteKind::finalize, view, digest));
        }
    }

    std::set<std::pair<View, Hash>> done_;
};
}  // namespace

std::unique_ptr<Actor> vote_for_everything(Seat seat) {
    return std::make_unique<VoteForEverything>(std::move(seat));
}

}  // namespace remit::sim
