#include <algorithm>

#include "test/sim/byzantine/actors.h"

// The way from epoch to epoch, told falsely or not at all: another next set, headers too few, too
// many or out of order, a Finalization of something else; and claims to be in any epoch.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class HandOverLiar final : public Actor {
public:
    using Actor::Actor;
    void begin() override {
        every(120, [this] {
            if (!ways_.empty()) {
                misdeed();
                const auto& way = ways_[random_.below(ways_.size())];
                const auto told = random_.chance(300'000) ? way : spoilt(way);
                send(any_other(), told);
            }
        });
    }

private:
    void on_send(std::size_t to, const Message& message) override {
        if (const auto* way = std::get_if<HandOver>(&message)) {
            ways_.push_back(*way);
            misdeed();
            if (random_.chance(500'000)) {
                send(to, spoilt(*way));
            }
            return;
        }
        if (const auto* mine = std::get_if<PeerStatus>(&message);
            mine != nullptr && random_.chance(300'000)) {
            misdeed();
            auto lie = *mine;
            const Epoch odd[] = {0, 1, mine->epoch - 1, mine->epoch + 1, mine->epoch + 1000};
            lie.epoch = odd[random_.below(std::size(odd))];
            send(to, lie);
            return;
        }
        send(to, message);
    }
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* way = std::get_if<HandOver>(&message)) {
            ways_.push_back(*way);
        }
        hand_in(from, message);
    }

    HandOver spoilt(HandOver way) {
        const auto how = random_.below(9);
        auto& headers = way.headers;
        if (how == 0) {
            way.next.set = mine_alone(way.next.set);
        } else if (how == 1) {
            way.next.end_height += 1;
        } else if (how == 2) {
            headers.erase(headers.begin());  // often none is left
        } else if (how == 3) {
            headers.push_back(headers.back());
        } else if (how == 4) {
            std::reverse(headers.begin(), headers.end());
            headers.front().time_ms += 1;
        } else if (how == 5) {
            way.finalization.digest = some_hash();
        } else if (how == 6) {
            way.finalization.signers.signatures.back() = {};
        } else if (how == 7) {
            way.finalization.view += 1;
            auto closing = headers.back();
            closing.view += 1;
            closing.flags = header_flag::closing;
            headers.push_back(closing);
        } else {
            // One epoch too far, named by a root that says so.
            way.next.set = ValidatorSet(way.next.set.epoch() + 1, way.next.set.validators());
            headers.front().exec.next_epoch_hash = way.next.hash();
        }
        return way;
    }
    /// A set in which it has every seat but one.
    ValidatorSet mine_alone(const ValidatorSet& next) {
        auto validators = next.validators();
        for (std::size_t i = 1; i < validators.size(); ++i) {
            validators[i].key = set().contains(me()) ? set().key(me()) : validators[0].key;
        }
        return ValidatorSet(next.epoch(), std::move(validators));
    }

    std::vector<HandOver> ways_;
};
}  // namespace

std::unique_ptr<Actor> hand_over_liar(Seat seat) {
    return std::make_unique<HandOverLiar>(std::move(seat));
}

}  // namespace remit::sim
