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
    [[maybe_unused]] const bool fresh =
        slots_[static_cast<std::size_t>(vote.kind) - 1].emplace(vote.signer, vote).second;
#ifdef SIM_BUG_duplicate_signers
    if (!fresh) {
        ++repeats_[static_cast<std::size_t>(vote.kind) - 1][vote.digest];
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
    for (const auto& [digest, signatures] : by_digest) {
        auto votes = signatures.size();
#ifdef SIM_BUG_duplicate_signers
        const auto& repeats = repeats_[static_cast<std::size_t>(kind) - 1];
        if (const auto repeated = repeats.find(digest); repeated != repeats.end()) {
            votes += repeated->second;
        }
#endif
        if (votes >= set.q()) {
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
