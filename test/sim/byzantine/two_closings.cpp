#include "test/sim/byzantine/actors.h"

// B3, B4, B5 where an epoch ends: two last blocks, two closing ones, both votes for them, a
// Nullify beside a Finalize. The next epoch must have one root all the same.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class TwoClosings final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        const auto* proposal = std::get_if<Proposal>(&message);
        const auto* mine = std::get_if<Vote>(&message);
        if (proposal != nullptr && proposal->header.flags != 0) {
            misdeed();
            const auto other = with_header(*proposal, sibling(proposal->header));
            headers_.emplace(other.header.digest(), other.header);
            const bool first = to % 2 == 0;
            send(to, first ? *proposal : other);
            if (random_.chance(300'000)) {
                send(to, first ? other : *proposal);
            }
        } else if (mine != nullptr && mine->epoch == epoch()) {
            contradict(to, *mine);
        } else {
            send(to, message);
        }
    }

    /// A last block of another time could be voted for; of a closing one nothing may change.
    Header sibling(Header header) {
        if (header.is_epoch_last()) {
            header.time_ms += 1;
            if (header.view % 2 == 0) {
                header.batches.clear();
            }
            return header;
        }
        switch (header.view % 5) {
            case 0:
                header.time_ms += 1;
                break;
            case 1:  // a block on top of the last one
                header.flags = 0;
                header.height += 1;
                header.time_ms += 1;
                break;
            case 2:
                header.flags = header_flag::epoch_last;
                break;
            case 3:
                header.height += 1;
                break;
            default:
                header.batches.push_back({some_digest(header), me(), header.height, 10});
        }
        return header;
    }
    /// The same whenever it is asked for.
    static Hash some_digest(const Header& header) {
        return hash(domain::vote, header.parent_digest.view());
    }

    void contradict(std::size_t to, const Vote& mine) {
        const auto known = headers_.find(mine.digest);
        const bool at_end = known != headers_.end() ? known->second.flags != 0 : ends(mine.view);
        if (!at_end) {
            send(to, mine);
            return;
        }
        misdeed();
        if (mine.kind == VoteKind::notarize) {
            const auto other = vote(VoteKind::notarize, mine.view, other_block(mine));
            send(to, to % 2 == 0 ? mine : other);
            send(to, to % 2 == 0 ? other : mine);
            return;
        }
        send(to, mine);
        if (mine.kind == VoteKind::finalize) {
            send(to, vote(VoteKind::nullify, mine.view, {}));
        } else {
            send(to, vote(VoteKind::finalize, mine.view, other_block(mine)));
        }
    }
    [[nodiscard]] bool ends(View view) const {
        for (const auto& [digest, header] : headers_) {
            if (header.epoch == epoch() && header.view == view && header.flags != 0) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] Hash other_block(const Vote& mine) const {
        for (const auto& [digest, header] : headers_) {
            if (header.epoch == mine.epoch && header.view == mine.view && digest != mine.digest) {
                return digest;
            }
        }
        return hash(domain::vote, mine.digest.view());
    }
};
}  // namespace

std::unique_ptr<Actor> two_closings(Seat seat) {
    return std::make_unique<TwoClosings>(std::move(seat));
}

}  // namespace remit::sim
