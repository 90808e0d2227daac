#include "test/sim/byzantine/actors.h"

// B12: execution votes for roots that nobody else computes, and headers that anchor them.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class WrongStateRoot final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    void on_send(std::size_t to, const Message& message) override {
        if (const auto* mine = std::get_if<ExecutionVote>(&message)) {
            misdeed();
            auto wrong = *mine;
            wrong.result.state_root = hash(domain::vote, mine->result.state_root.view());
            wrong.signature = sign(execution_bytes(world_.chain.id, set(), wrong.result));
            send(to, wrong);
            return;
        }
        LyingLeader::on_send(to, message);
    }
    std::optional<Header> rewrite(const Header& header) override {
        auto out = header;
        out.exec.state_root = hash(domain::vote, header.exec.state_root.view());
        return header.view % 8 < 4 ? std::optional(out) : std::nullopt;
    }
};
}  // namespace

std::unique_ptr<Actor> wrong_state_root(Seat seat) {
    return std::make_unique<WrongStateRoot>(std::move(seat));
}

}  // namespace remit::sim
