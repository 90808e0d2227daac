#include "test/sim/byzantine/actors.h"

// B18: batches of garbage, of other people's items once more, and of the same items in another
// encoding. What an item says is no condition of a block: execution must refuse it.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class ForeignItems final : public Actor {
public:
    using Actor::Actor;

    void begin() override {
        every(250, [this] { stream(); });
    }

private:
    void on_receive(std::size_t from, const Message& message) override {
        const auto* proposal = std::get_if<Proposal>(&message);
        const auto* batch = std::get_if<BatchHandle>(&message);
        if (batch != nullptr) {
            remember(**batch);
        } else if (proposal != nullptr && proposal->inline_batch) {
            remember(*proposal->inline_batch);
        }
        if (proposal != nullptr) {
            height_ = std::max(height_, proposal->header.height);
        }
        hand_in(from, message);
    }
    void remember(const Batch& batch) {
        items_.insert(items_.end(), batch.items.begin(), batch.items.end());
    }
    void stream() {
        Batch batch;
        batch.nonce = random_.next();
        batch.expires_height = height_ + params().expiry_window / 2;
        for (std::uint64_t i = 0; i <= random_.below(6); ++i) {
            batch.items.push_back(item());
        }
        misdeed();
        const auto made = sign_batch(batch);
        for (const auto to : others()) {
            if (random_.chance(800'000)) {
                send(to, made);
            }
        }
    }
    Bytes item() {
        if (items_.empty() || random_.chance(150'000)) {
            Bytes garbage(random_.below(300), '\0');
            random_.fill(reinterpret_cast<std::uint8_t*>(garbage.data()),  // NOLINT
                         garbage.size());
            return garbage;
        }
        auto out = items_[random_.below(items_.size())];
        const auto how = random_.below(5);
        if (how == 0) {
            out += Bytes("\x78\x01", 2);  // a field nobody knows
        } else if (how == 1 && !out.empty()) {
            out.pop_back();
        } else if (how == 2) {
            out += out.substr(std::min<std::size_t>(96, out.size()));  // the body said twice
        } else if (how == 3 && out.size() > 96) {
            auto& byte = out[random_.below(out.size())];
            byte = static_cast<char>(byte ^ static_cast<char>(1U << random_.below(8)));
        }
        return out;
    }

    std::vector<Bytes> items_;
    Height height_ = 0;
};
}  // namespace

std::unique_ptr<Actor> foreign_items(Seat seat) {
    return std::make_unique<ForeignItems>(std::move(seat));
}

}  // namespace remit::sim
