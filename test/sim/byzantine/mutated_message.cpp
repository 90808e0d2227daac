#include <utility>

#include "test/sim/byzantine/actors.h"
#include "test/sim/byzantine/small_change.h"

// B24: messages with a bit, a byte, a number or the end changed; and what it signs itself (votes,
// proposals, Acks, execution votes) with a field one up or down, or as it was in an older one,
// under a signature that fits.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class MutatedMessage final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        if (auto forged = random_.chance(200'000) ? resigned(message) : std::nullopt) {
            misdeed();
            send(to, *forged);
            return;
        }
        auto bytes = encode_message(message);
        if (random_.chance(200'000)) {
            misdeed();
            mutate(bytes);
        }
        send_bytes(to, bytes);
    }
    void mutate(Bytes& bytes) {
        const auto at = random_.below(bytes.size());
        switch (random_.below(6)) {
            case 0:
                bytes[at] =
                    static_cast<char>(bytes[at] ^ static_cast<char>(1U << random_.below(8)));
                break;
            case 1:
                bytes[at] = static_cast<char>(bytes[at] + 1);
                break;
            case 2:
                bytes[at] = static_cast<char>(bytes[at] - 1);
                break;
            case 3:
                bytes.resize(at);
                break;
            case 4:
                bytes.push_back(static_cast<char>(random_.below(256)));
                break;
            default:
                bytes[at] = static_cast<char>(random_.chance(500'000) ? 0 : 0xFF);
        }
    }

    /// What this one signs, changed a little and signed for what it says then. None: it is not this
    /// one's.
    std::optional<Message> resigned(const Message& message) {
        if (const auto* vote = mine<Vote>(message)) {
            return signed_again(*vote, vote_, [this](const Vote& now) {
                return vote_bytes(world_.chain.id, set(), now.kind, now.view, now.digest);
            });
        }
        if (const auto* ack = mine<Ack>(message)) {
            return signed_again(*ack, ack_, [this](const Ack& now) {
                return ack_bytes(world_.chain.id, set(), now.entry);
            });
        }
        if (const auto* executed = mine<ExecutionVote>(message)) {
            return signed_again(*executed, executed_, [this](const ExecutionVote& now) {
                return execution_bytes(world_.chain.id, set(), now.result);
            });
        }
        const auto* proposal = std::get_if<Proposal>(&message);
        if (proposal == nullptr || proposal->header.epoch != set().epoch() ||
            proposal->header.leader != me()) {
            return std::nullopt;
        }
        auto header = proposal->header;
        SmallChange(random_).of(header, std::exchange(header_, proposal->header));
        return with_header(*proposal, header);
    }
    template <class T>
    [[nodiscard]] const T* mine(const Message& message) const {
        const auto* found = std::get_if<T>(&message);
        return found != nullptr && found->epoch == set().epoch() && found->signer == me() ? found
                                                                                          : nullptr;
    }
    template <class T, class BytesOf>
    Message signed_again(const T& now, T& older, const BytesOf& bytes_of) {
        auto out = now;
        SmallChange(random_).of(out, std::exchange(older, now));
        out.signature = sign(bytes_of(out));
        return out;
    }

    // What it said before; empty at first.
    Vote vote_;
    Ack ack_;
    ExecutionVote executed_;
    Header header_;
};
}  // namespace

std::unique_ptr<Actor> mutated_message(Seat seat) {
    return std::make_unique<MutatedMessage>(std::move(seat));
}

}  // namespace remit::sim
