#include <iterator>
#include <limits>

#include "test/sim/byzantine/actors.h"

// Signs on in each epoch it ever was a member of, also after it left: votes, proposals, batches,
// acks and results of the past, the past's under the present's number, and of epochs to come.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class VotesOfOldEpochs final : public Actor {
public:
    using Actor::Actor;
    void begin() override {
        every(50, [this] { sign_on(); });
    }

private:
    void sign_on() {
        misdeed();
        const auto& in = memberships()[random_.below(memberships().size())];
        const auto to = any_other();
        switch (random_.below(8)) {
            case 0:
            case 1:
                send_all(some_vote(in));
                break;
            case 2: {  // the old set's signature under another number
                auto vote = some_vote(in);
                vote.epoch = some_epoch();
                send(to, vote);
                break;
            }
            case 3:  // the old set under another number, signed as such
                send(to, some_vote({ValidatorSet(some_epoch(), in.set.validators()), in.self}));
                break;
            case 4:
                propose(to, in);
                break;
            case 5:
                send_all(batch_of(in));
                break;
            case 6:
                send_all(result_of(in));
                break;
            default:
                send(to, PeerStatus{some_epoch(), view_, view_, 1, 1,
                                    random_.chance(500'000) ? std::uint64_t{1} : random_.next(),
                                    world_.scheduler.now_ms()});
        }
    }
    /// Around the present one, or none at all.
    Epoch some_epoch() {
        const Epoch odd[] = {0,
                             std::numeric_limits<Epoch>::max(),
                             epoch() > 2 ? epoch() - 2 : 1,
                             epoch(),
                             epoch() + 1,
                             epoch() + 2};
        return odd[random_.below(std::size(odd))];
    }
    const Header* some_header() {
        return headers_.empty()
                   ? nullptr
                   : &std::next(headers_.begin(),
                                static_cast<std::ptrdiff_t>(random_.below(headers_.size())))
                          ->second;
    }
    /// For a block that was proposed there, often the last ones of an epoch.
    Vote some_vote(const Membership& in) {
        const auto kind = static_cast<VoteKind>(1 + random_.below(3));
        const auto* header = some_header();
        const auto view = header != nullptr ? header->view : view_;
        const auto digest = kind == VoteKind::nullify ? Hash{}
                            : header != nullptr       ? header->digest()
                                                      : some_hash();
        return vote_in(in, kind, view, digest);
    }
    /// A block of long ago, told as one of now by whoever led there.
    void propose(std::size_t to, const Membership& in) {
        const auto* seen = some_header();
        if (seen == nullptr) {
            return;
        }
        auto header = *seen;
        header.leader = in.self;
        header.time_ms += 1;
        if (random_.chance(500'000)) {
            header.epoch = some_epoch();
        }
        if (random_.chance(300'000)) {
            header.flags = static_cast<std::uint8_t>(random_.below(4));
        }
        Proposal proposal;
        proposal.header = header;
        proposal.leader_signature =
            vote_in(in, VoteKind::notarize, header.view, header.digest()).signature;
        send(to, proposal);
    }
    BatchHandle batch_of(const Membership& in) {
        Batch batch;
        batch.nonce = random_.next();
        batch.items.assign(1, Bytes("an item of an epoch that is over"));
        batch.epoch = random_.chance(500'000) ? in.set.epoch() : some_epoch();
        batch.author = in.self;
        batch.expires_height = 1'000;
        const auto* header = some_header();
        if (header != nullptr) {
            batch.expires_height = header->height + params().expiry_window / 2;
        }
        batch.bytes = static_cast<std::uint32_t>(encoded_items_bytes(batch.items));
        batch.items_root = items_root_of(batch.items);
        batch.author_signature = sign_in(in, batch_signed_bytes(world_.chain.id, batch.digest()));
        return std::make_shared<const Batch>(std::move(batch));
    }
    ExecutionVote result_of(const Membership& in) {
        ExecutionVote out;
        out.epoch = in.set.epoch();
        out.signer = in.self;
        if (const auto* header = some_header()) {
            out.result = header->exec;
        }
        out.result.next_epoch_hash = some_hash();
        out.signature = sign_in(in, execution_bytes(world_.chain.id, in.set, out.result));
        return out;
    }
};
}  // namespace

std::unique_ptr<Actor> votes_of_old_epochs(Seat seat) {
    return std::make_unique<VotesOfOldEpochs>(std::move(seat));
}

}  // namespace remit::sim
