#include "test/sim/byzantine/actor.h"

#include "test/sim/genesis.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

Actor::Actor(Seat seat)
    : world_(std::move(seat.world)),
      key_(std::move(seat.key)),
      inner_(seat.inner),
      random_(world_.seed, "actor", seat.number),
      schedule_(world_.chain.id, world_.chain.validators) {
    if (inner_.index() == 0 && world_.profile.plan_every_ms > 0) {
        rotated_ = rotated_key();
    }
    const auto& first = world_.chain.validators;
    const auto outside = static_cast<ValidatorIndex>(first.size());
    memberships_.push_back({first, seat_in(first).value_or(outside)});
}

std::optional<ValidatorIndex> Actor::seat_in(const ValidatorSet& set) const {
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto index = static_cast<ValidatorIndex>(i);
        if (set.key(index) == key_.public_key() ||
            (rotated_ && set.key(index) == rotated_->public_key())) {
            return index;
        }
    }
    return std::nullopt;
}

const SecretKey& Actor::key_in(const ValidatorSet& set) const {
    const auto seat = rotated_ ? seat_in(set) : std::nullopt;
    return seat && set.key(*seat) == rotated_->public_key() ? *rotated_ : key_;
}

void Actor::learn_way(const HandOver& way) {
    if (way.epoch() <= epoch_) {
        return;
    }
    epoch_ = way.epoch();
    view_ = 1;
    notarizations_.clear();
    nullifications_.clear();
    finalizations_.clear();
    if (const auto seat = seat_in(way.next.set)) {
        memberships_.push_back({way.next.set, *seat});
        schedule_ = LeaderSchedule(world_.chain.id, way.next.set, way.next.demoted);
    }
    on_epoch();
}

void Actor::sent(std::size_t to, ByteView bytes) {
    if (const auto message = decode_message(bytes)) {
        observe(*message);
        on_send(to, *message);
    }
}

void Actor::received(std::size_t from, const Bytes& bytes) {
    if (const auto message = decode_message(bytes)) {
        observe(*message);
        on_receive(from, *message);
    }
}

void Actor::observe(const Message& message) {
    if (const auto* certificate = std::get_if<Certificate>(&message)) {
        observe(*certificate);
    } else if (const auto* way = std::get_if<HandOver>(&message)) {
        learn_way(*way);
    } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
        headers_.emplace(proposal->header.digest(), proposal->header);
        for (const auto& each : proposal->justification.nullifications) {
            observe(each);
        }
        if (proposal->justification.parent) {
            observe(*proposal->justification.parent);
        }
    } else if (const auto* answer = std::get_if<CertificatesAnswer>(&message)) {
        for (const auto& each : answer->certificates) {
            observe(each);
        }
    }
}

void Actor::observe(const Certificate& certificate) {
    if (certificate.epoch != epoch_) {
        return;
    }
    auto& known = certificate.kind == VoteKind::notarize  ? notarizations_
                  : certificate.kind == VoteKind::nullify ? nullifications_
                                                          : finalizations_;
    known.emplace(certificate.view, certificate);
    view_ = std::max(view_, certificate.view + 1);
}

void Actor::send(std::size_t to, const Message& message) {
    if (const auto* proposal = std::get_if<Proposal>(&message)) {
        world_.consensus.learn(proposal->header);
    }
    send_bytes(to, encode_message(message));
}

void Actor::send_bytes(std::size_t to, ByteView bytes) {
    world_.links.send(inner_.index(), to, bytes);
}

void Actor::send_all(const Message& message) {
    for (const auto to : others()) {
        send(to, message);
    }
}

void Actor::hand_in(std::size_t from, const Message& message) {
    inner_.deliver(from, encode_message(message));
}

void Actor::every(std::int64_t ms, const std::function<void()>& action) {
    world_.scheduler.after(random_.between(1, 2 * ms), [this, ms, action] {
        action();
        every(ms, action);
    });
}

std::vector<std::size_t> Actor::others() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < machines(world_.profile); ++i) {
        if (i != inner_.index()) {
            out.push_back(i);
        }
    }
    return out;
}

ValidatorIndex Actor::leader(View view) const {
    return schedule_.leader(view);
}

Vote Actor::vote_in(const Membership& membership, VoteKind kind, View view,
                    const Hash& digest) const {
    const auto& set = membership.set;
    return {.kind = kind,
            .epoch = set.epoch(),
            .view = view,
            .digest = digest,
            .signer = membership.self,
            .signature = key_in(set).sign(vote_bytes(world_.chain.id, set, kind, view, digest))};
}

Proposal Actor::with_header(Proposal proposal, const Header& header) const {
    proposal.header = header;
    proposal.leader_signature = vote(VoteKind::notarize, header.view, header.digest()).signature;
    return proposal;
}

BatchHandle Actor::sign_batch(Batch batch) const {
    batch.epoch = set().epoch();
    batch.author = me();
    batch.bytes = static_cast<std::uint32_t>(encoded_items_bytes(batch.items));
    batch.items_root = items_root_of(batch.items);
    batch.author_signature = sign(batch_signed_bytes(world_.chain.id, batch.digest()));
    return std::make_shared<const Batch>(std::move(batch));
}

void LyingLeader::on_send(std::size_t to, const Message& message) {
    const auto* proposal = std::get_if<Proposal>(&message);
    if (proposal == nullptr || proposal->header.leader != me()) {
        send(to, message);
        return;
    }
    auto told = told_.find(proposal->header.view);
    if (told == told_.end()) {
        const auto header = rewrite(proposal->header);
        if (header) {
            misdeed();
            headers_.emplace(header->digest(), *header);
        }
        told = told_
                   .emplace(proposal->header.view,
                            header ? with_header(*proposal, *header) : *proposal)
                   .first;
    }
    send(to, told->second);
}

}  // namespace remit::sim
