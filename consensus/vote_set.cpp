#include "consensus/vote_set.h"

namespace remit::consensus {

std::optional<Evidence> VoteSet::add(const Vote& vote) {
    std::optional<Evidence> found;
    for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
        const auto* other = slot(kind, vote.signer);
        if (other != nullptr && !found) {
            found = contradiction(*other, vote);
        }
    }
    auto& slots = slots_[static_cast<std::size_t>(vote.kind) - 1];
    [[maybe_unused]] const bool fresh = slots.emplace(vote.signer, vote).second;
#ifdef SIM_BUG_duplicate_signers
    if (!fresh) {  // counted once more, under an index that nobody has
        constexpr std::size_t beyond_everybody = 1000;
        slots.emplace(static_cast<ValidatorIndex>(beyond_everybody + slots.size()), vote);
    }
#endif
    return found;
}

const Vote* VoteSet::slot(VoteKind kind, ValidatorIndex signer) const {
    const auto found = slots(kind).find(signer);
    return found == slots(kind).end() ? nullptr : &found->second;
}

std::size_t VoteSet::count(VoteKind kind) const {
    return slots(kind).size();
}

std::optional<ValidatorIndex> VoteSet::voter_for(const Hash& digest) const {
    for (const auto& [signer, vote] : slots(VoteKind::notarize)) {
        if (vote.digest == digest) {
            return signer;
        }
    }
    return std::nullopt;
}

std::optional<Certificate> VoteSet::certificate(VoteKind kind, const ValidatorSet& set) const {
    std::map<Hash, SignatureMap> by_digest;
    for (const auto& [signer, vote] : slots(kind)) {
        by_digest[vote.digest].emplace(signer, vote.signature);
    }
    for (auto& [digest, signatures] : by_digest) {
        if (signatures.size() >= set.q()) {
#ifdef SIM_BUG_duplicate_signers
            std::erase_if(signatures,
                          [&set](const auto& each) { return !set.contains(each.first); });
#endif
            return Certificate{.kind = kind,
                               .epoch = set.epoch(),
                               .view = signatures.empty() ? 0 : slots(kind).begin()->second.view,
                               .digest = digest,
                               .valset_hash = set.hash(),
                               .signers = Signers::from(signatures, set.q(), set.size())};
        }
    }
    return std::nullopt;
}

}  // namespace remit::consensus
