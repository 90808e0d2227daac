#include "test/sim/byzantine/actors.h"

// B5: Nullify wherever the node inside finalizes, Finalize wherever it has nullified.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class NullifyAndFinalize final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        const auto* mine = std::get_if<Vote>(&message);
        const bool first = random_.chance(500'000);
        const bool nullify = mine != nullptr && mine->kind == VoteKind::finalize;
        if (nullify && first) {
            send(to, vote(VoteKind::nullify, mine->view, {}));
        }
        send(to, message);
        if (nullify && !first) {
            send(to, vote(VoteKind::nullify, mine->view, {}));
        }
        if (nullify) {
            misdeed();
        }
        if (mine != nullptr && mine->kind == VoteKind::nullify) {
            for (const auto& [digest, header] : headers_) {
                if (header.epoch == mine->epoch && header.view == mine->view) {
                    misdeed();
                    send(to, vote(VoteKind::finalize, mine->view, digest));
                }
            }
        }
    }
};
}  // namespace

std::unique_ptr<Actor> nullify_and_finalize(Seat seat) {
    return std::make_unique<NullifyAndFinalize>(std::move(seat));
}

}  // namespace remit::sim
