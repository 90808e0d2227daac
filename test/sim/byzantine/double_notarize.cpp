#include "test/sim/byzantine/actors.h"

// B4: a second Notarize in every view, for a block that was proposed there or for none at all, to
// everybody or to one half each.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class DoubleNotarize final : public Actor {
public:
    using Actor::Actor;

private:
    void on_epoch() override { invented_.clear(); }
    void on_send(std::size_t to, const Message& message) override {
        const auto* mine = std::get_if<Vote>(&message);
        if (mine == nullptr || mine->kind != VoteKind::notarize) {
            send(to, message);
            return;
        }
        misdeed();
        const auto second = vote(VoteKind::notarize, mine->view, second_digest(*mine));
        if (mine->view % 3 != 0) {
            send(to, to % 2 == 0 ? *mine : second);
        } else {
            send(to, *mine);
            send(to, second);
        }
    }

    Hash second_digest(const Vote& mine) {
        const auto [found, fresh] = invented_.try_emplace(mine.view);
        if (fresh) {
            found->second = some_hash();
            for (const auto& [digest, header] : headers_) {
                if (header.epoch == mine.epoch && header.view == mine.view &&
                    digest != mine.digest) {
                    found->second = digest;
                }
            }
        }
        return found->second;
    }

    std::map<View, Hash> invented_;
};
}  // namespace

std::unique_ptr<Actor> double_notarize(Seat seat) {
    return std::make_unique<DoubleNotarize>(std::move(seat));
}

}  // namespace remit::sim
