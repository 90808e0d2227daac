#include "consensus/certified_views.h"

namespace remit::consensus {

void CertifiedViews::add(const Certificate& certificate) {
    auto& all = views_[certificate.view];
    auto& slot = certificate.kind == VoteKind::notarize  ? all.notarization
                 : certificate.kind == VoteKind::nullify ? all.nullification
                                                         : all.finalization;
    if (!slot) {
        slot = certificate;
    }
    prune(certificate.view);
}

void CertifiedViews::add(const Header& header, const Hash& digest) {
    chain_[header.view] = {
        .digest = digest, .parent_view = header.parent_view, .parent_digest = header.parent_digest};
    prune(header.view);
}

void CertifiedViews::prune(View newest) {
    const auto lowest = newest > views_kept ? newest - views_kept : 0;
    views_.erase(views_.begin(), views_.lower_bound(lowest));
    chain_.erase(chain_.begin(), chain_.lower_bound(lowest));
}

std::optional<Fork> CertifiedViews::contradiction(const Certificate& certificate) const {
    const auto found = views_.find(certificate.view);
    if (found != views_.end()) {
        const auto& all = found->second;
        const auto broken = [&](ForkRule rule, const std::optional<Certificate>& held) {
            return Fork{.broken = rule, .held = held, .other = certificate};
        };
        if (certificate.kind == VoteKind::nullify) {
            if (all.finalization) {
                return broken(ForkRule::finalized_and_nullified, all.finalization);
            }
            return std::nullopt;
        }
        for (const auto& held : {all.finalization, all.notarization}) {
            // A Finalization rests on a Notarization of the same block (S4).
            if (held && held->digest != certificate.digest) {
                return broken(ForkRule::two_blocks_in_a_view, held);
            }
        }
        if (certificate.kind == VoteKind::finalize && all.nullification) {
            return broken(ForkRule::finalized_and_nullified, all.nullification);
        }
    }
    return against_chain(certificate);
}

/// By the finalised blocks alone: the way up to a Finalization may have been learnt without the
/// certificates of the views between.
std::optional<Fork> CertifiedViews::against_chain(const Certificate& certificate) const {
    const auto above = chain_.lower_bound(certificate.view);
    if (certificate.kind == VoteKind::nullify || above == chain_.end()) {
        return std::nullopt;  // a block with a child that is final may have been nullified as well
    }
    const auto& [view, block] = *above;
    if (view == certificate.view) {
        if (block.digest == certificate.digest) {
            return std::nullopt;
        }
        return Fork{
            .broken = ForkRule::two_blocks_in_a_view, .held = covering(view), .other = certificate};
    }
    const bool passed_by =
        block.parent_view < certificate.view ||
        (block.parent_view == certificate.view && block.parent_digest != certificate.digest);
    if (certificate.kind != VoteKind::finalize || !passed_by) {
        return std::nullopt;
    }
    return Fork{.broken = ForkRule::two_chains, .held = covering(view), .other = certificate};
}

std::optional<Fork> CertifiedViews::contradiction(const std::vector<const Block*>& blocks,
                                                  const Certificate& finalization) const {
    for (const auto* block : blocks) {
        const auto found = views_.find(block->header.view);
        if (found == views_.end()) {
            continue;
        }
        const auto& notarization = found->second.notarization;
        if (notarization && notarization->digest != block->digest) {
            return Fork{.broken = ForkRule::two_blocks_in_a_view,
                        .held = notarization,
                        .other = finalization};
        }
    }
    return std::nullopt;
}

std::optional<Certificate> CertifiedViews::covering(View view) const {
    for (auto each = views_.lower_bound(view); each != views_.end(); ++each) {
        if (each->second.finalization) {
            return each->second.finalization;
        }
    }
    return std::nullopt;
}

}  // namespace remit::consensus
