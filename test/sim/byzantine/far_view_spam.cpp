#include "test/sim/byzantine/actors.h"

// B9: votes, proposals and statuses of views far ahead and long gone, and offers of batches that
// nobody has.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class FarViewSpam final : public Actor {
public:
    using Actor::Actor;
    void begin() override {
        every(60, [this] { spam(); });
    }

private:
    void spam() {
        misdeed();
        constexpr auto most = std::numeric_limits<View>::max();
        const View views[] = {
            view_ + 7, view_ + 8, view_ + 9, view_ + 1000, most, 1, view_ > 5 ? view_ - 5 : 1};
        const auto view = views[random_.below(std::size(views))];
        const auto kind = static_cast<VoteKind>(1 + random_.below(3));
        const auto to = any_other();
        switch (random_.below(5)) {
            case 0:
            case 1:
                send(to, vote(kind, view, kind == VoteKind::nullify ? Hash{} : some_hash()));
                break;
            case 2:
                send(to, PeerStatus{set().epoch(), view, view, view, view, most,
                                    world_.scheduler.now_ms(), view + random_.below(3)});
                break;
            case 3:
                send(to, offer());
                break;
            default:
                if (!headers_.empty()) {
                    auto header = headers_.begin()->second;
                    header.view = view;
                    header.parent_view = random_.below(header.view);
                    header.leader = leader(view);
                    if (header.leader == me()) {
                        send(to, with_header(Proposal{}, header));
                    }
                }
        }
    }
    Offer offer() {
        Offer out;
        for (std::size_t i = 0; i < limits::offer_entries; ++i) {
            out.entries.push_back({some_hash(), static_cast<ValidatorIndex>(random_.below(4)),
                                   random_.below(80), 100});
        }
        return out;
    }
};
}  // namespace

std::unique_ptr<Actor> far_view_spam(Seat seat) {
    return std::make_unique<FarViewSpam>(std::move(seat));
}

}  // namespace remit::sim
