#include "test/sim/byzantine/actors.h"

// B16: headers above the maxima in names or bytes, and batches above the maximum in bytes.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class OversizedBlock final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

    void begin() override {
        every(900, [this] {
            misdeed();
            Batch batch;
            batch.nonce = random_.next();
            batch.expires_height = 40;
            batch.items.assign(1, Bytes(params().batch_bytes_max, 'x'));
            batch.items.front().resize(params().batch_bytes_max - 3);  // one byte above
            send(any_other(), sign_batch(batch));
        });
    }

private:
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        const bool many = random_.chance(500'000);
        const std::size_t count = many ? params().block_batches_max + 1 : 20;
        for (std::size_t i = 0; i < count; ++i) {
            out.batches.push_back(
                {some_hash(), me(), header.height + 5, many ? 1 : params().batch_bytes_max});
        }
        return out;
    }
};
}  // namespace

std::unique_ptr<Actor> oversized_block(Seat seat) {
    return std::make_unique<OversizedBlock>(std::move(seat));
}

}  // namespace remit::sim
