#include "test/sim/byzantine/actors.h"

// B19: claims to be far ahead, then behind; answers questions with nothing, garbage, too little or
// blocks of which one word is false.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class SyncLiar final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        if (const auto* mine = std::get_if<PeerStatus>(&message)) {
            auto lie = *mine;
            lie.finalised_height = random_.chance(500'000) ? 1'000'000'000'000 : 1;
            lie.finalised_view = random_.chance(500'000) ? lie.finalised_height : 0;
            lie.executed_height = lie.finalised_height;
            misdeed();
            send(to, lie);
        } else if (const auto* pong = std::get_if<Pong>(&message)) {
            send(to,
                 Pong{random_.chance(500'000) ? world_.scheduler.now_ms() : pong->sent_ms - 900});
        } else if (const auto* blocks = std::get_if<BlocksAnswer>(&message)) {
            send_blocks(to, *blocks);
        } else if (std::holds_alternative<HeadersAnswer>(message)) {
            misdeed();
            HeadersAnswer lie;
            for (const auto& [digest, header] : headers_) {
                if (lie.headers.size() < 5) {
                    lie.headers.push_back(header);
                }
            }
            send(to, lie);
        } else if (std::holds_alternative<CertificatesAnswer>(message)) {
            misdeed();
            send(to, CertificatesAnswer{});
        } else {
            send(to, message);
        }
    }
    void on_receive(std::size_t from, const Message& message) override {
        if (std::holds_alternative<BlocksRequest>(message) && random_.chance(500'000)) {
            misdeed();
            send(from, BlocksAnswer{});
        }
        hand_in(from, message);
    }
    void send_blocks(std::size_t to, BlocksAnswer lie) {
        misdeed();
        auto& block = lie.blocks[random_.below(lie.blocks.size())];
        switch (random_.below(5)) {
            case 0:
                lie.blocks.pop_back();
                break;
            case 1:
                block.header.time_ms += 1;
                break;
            case 2:
                lie.blocks.back().finalization.reset();
                break;
            case 3:
                if (block.execution) {
                    block.execution->result.state_root = some_hash();
                }
                break;
            default:
                lie.blocks.erase(lie.blocks.begin());
        }
        send(to, lie);
    }
};
}  // namespace

std::unique_ptr<Actor> sync_liar(Seat seat) {
    return std::make_unique<SyncLiar>(std::move(seat));
}

}  // namespace remit::sim
