#include "consensus/evidence.h"

namespace remit::consensus {

std::string_view name_of(EvidenceKind kind) {
    switch (kind) {
        case EvidenceKind::double_notarize:
            return "double_notarize";
        case EvidenceKind::double_finalize:
            return "double_finalize";
        case EvidenceKind::nullify_and_finalize:
            return "nullify_and_finalize";
    }
    return "unknown";
}

void Evidence::write(Writer& writer) const {
    writer.u8(static_cast<std::uint8_t>(kind));
    first.write(writer);
    second.write(writer);
}

Evidence Evidence::read(Reader& reader) {
    Evidence out;
    out.kind = reader.enumerator(EvidenceKind::nullify_and_finalize);
    if (out.kind < EvidenceKind::double_notarize) {
        reader.fail();
    }
    out.first = Vote::read(reader);
    out.second = Vote::read(reader);
    return out;
}

std::optional<Evidence> contradiction(const Vote& first, const Vote& second) {
    if (first.signer != second.signer || first.view != second.view || first.epoch != second.epoch) {
        return std::nullopt;
    }
    if (first.kind == second.kind) {
        if (first.digest == second.digest || first.kind == VoteKind::nullify) {
            return std::nullopt;
        }
        const auto kind = first.kind == VoteKind::notarize ? EvidenceKind::double_notarize
                                                           : EvidenceKind::double_finalize;
        return Evidence{kind, first, second};
    }
    if (first.kind != VoteKind::notarize && second.kind != VoteKind::notarize) {
        return Evidence{EvidenceKind::nullify_and_finalize, first, second};
    }
    return std::nullopt;
}

bool verify(const Evidence& evidence, const ValidatorSet& set, const Hash& chain_id) {
    const auto found = contradiction(evidence.first, evidence.second);
    if (!found || found->kind != evidence.kind || !set.contains(evidence.first.signer) ||
        evidence.first.epoch != set.epoch()) {
        return false;
    }
    for (const auto& vote : {evidence.first, evidence.second}) {
        if (!remit::verify(set.key(vote.signer),
                           vote_bytes(chain_id, set, vote.kind, vote.view, vote.digest),
                           vote.signature)) {
            return false;
        }
    }
    return true;
}

}  // namespace remit::consensus
