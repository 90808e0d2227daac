#include "test/sim/byzantine/actors.h"

// B13: headers that name a batch again, one that is expired or from nobody, one twice, or one with
// a false Entry.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class BadBatchNames final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        const auto how = random_.below(5);
        if (how == 0 && !past_.empty()) {
            out.batches.push_back(past_[random_.below(past_.size())]);
        } else if (how == 1 && !header.batches.empty()) {
            out.batches.push_back(header.batches.front());
        } else if (how == 2 && !header.batches.empty()) {
            out.batches.front().bytes += 1;
        } else if (how == 3) {
            out.batches.push_back(
                {some_hash(), static_cast<ValidatorIndex>(set().size()), header.height + 10, 10});
        } else {
            out.batches.push_back({some_hash(), me(), header.height - 1, 10});
        }
        return out;
    }
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            const auto& named = proposal->header.batches;
            past_.insert(past_.end(), named.begin(), named.end());
        }
        hand_in(from, message);
    }

    std::vector<Entry> past_;
};
}  // namespace

std::unique_ptr<Actor> bad_batch_names(Seat seat) {
    return std::make_unique<BadBatchNames>(std::move(seat));
}

}  // namespace remit::sim
