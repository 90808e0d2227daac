#include "consensus/seen_votes.h"

#include <algorithm>

namespace remit::consensus {

namespace {

constexpr int garbage_looked_at_max = 8;  // votes whose signature does not hold, in one answer

std::size_t place_of(VoteKind kind) {
    return static_cast<std::size_t>(kind) - 1;
}

}  // namespace

void SeenVotes::add(const Certificate& certificate) {
    std::size_t next = 0;
    const auto size = context_.set().size();
    for (std::size_t i = 0; i < size && next < certificate.signers.signatures.size(); ++i) {
        const auto signer = static_cast<ValidatorIndex>(i);
        if (certificate.signers.has(signer)) {
            add(Vote{.kind = certificate.kind,
                     .epoch = certificate.epoch,
                     .view = certificate.view,
                     .digest = certificate.digest,
                     .signer = signer,
                     .signature = certificate.signers.signatures[next++]});
        }
    }
}

void SeenVotes::take(const Vote& vote, bool checked) {
    if (vote.epoch != context_.set().epoch() || vote.view + views_kept < context_.metrics.view) {
        return;
    }
    auto& slots = views_[vote.view][vote.signer];
    auto& slot = slots[place_of(vote.kind)];
    if (slot && slot->vote.digest == vote.digest && (slot->checked || !checked)) {
        return;
    }
    Slot incoming{vote, checked};
    compare(slots, incoming);
    if (!slot || (!slot->checked && incoming.checked)) {
        slot = incoming;
    }
    prune();
}

/// Looks for what the vote contradicts. Only here an unchecked signature is worth its cost.
void SeenVotes::compare(Slots& slots, Slot& incoming) {
    for (auto& other : slots) {
        const auto found = other ? contradiction(other->vote, incoming.vote) : std::nullopt;
        if (!found) {
            continue;
        }
        const std::tuple key(found->first.view, found->first.signer, found->kind);
        if (told_.contains(key)) {
            continue;
        }
        if (!hold(incoming)) {
            context_.blame(incoming.vote.signer, "vote has a bad signature");
            return;
        }
        if (!hold(*other)) {
            context_.blame(other->vote.signer, "vote has a bad signature");
            other.reset();
            continue;
        }
        told_.insert(key);
        context_.out.evidence.push_back(*found);
    }
}

bool SeenVotes::hold(Slot& slot) {
    const auto& vote = slot.vote;
    slot.checked = slot.checked ||
                   context_.check_signature(vote.signer,
                                            vote_bytes(context_.config.chain_id, context_.set(),
                                                       vote.kind, vote.view, vote.digest),
                                            vote.signature);
    return slot.checked;
}

std::vector<Vote> SeenVotes::newest_of(ValidatorIndex signer) {
    std::vector<Vote> out;
    int garbage = 0;
    for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
        for (auto each = views_.rbegin(); each != views_.rend(); ++each) {
            const auto found = each->second.find(signer);
            if (found == each->second.end() || !found->second[place_of(kind)]) {
                continue;
            }
            auto& slot = found->second[place_of(kind)];
            if (hold(*slot)) {
                out.push_back(slot->vote);
                break;
            }
            slot.reset();
            if (++garbage == garbage_looked_at_max) {
                return out;
            }
        }
    }
    return out;
}

void SeenVotes::prune() {
    const auto view = context_.metrics.view;
    const auto lowest = view > views_kept ? view - views_kept : 0;
    views_.erase(views_.begin(), views_.lower_bound(lowest));
    told_.erase(told_.begin(), told_.lower_bound({lowest, 0, EvidenceKind::double_notarize}));
}

}  // namespace remit::consensus
