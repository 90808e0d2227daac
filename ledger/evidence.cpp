#include "ledger/evidence.h"

#include <array>

namespace remit::ledger {

namespace {

constexpr std::array<std::string_view, 4> names{"", "double_notarize", "double_finalize",
                                                "nullify_and_finalize"};

/// Numbers of consensus::VoteKind, as they stand in the signed bytes.
enum class SignedKind : std::uint8_t { notarize = 1, nullify = 2, finalize = 3 };

/// The bytes of a vote (docs/reference/encoding.md): consensus signs the same.
Bytes vote_message(const VotePair& votes, const Hash& chain_id, SignedKind kind,
                   const Hash& digest) {
    Writer writer;
    writer.fixed(chain_id).u64(votes.epoch).fixed(votes.valset_hash);
    writer.u8(static_cast<std::uint8_t>(kind)).u64(votes.view).fixed(digest);
    return signed_bytes(domain::vote, {writer.view()});
}

}  // namespace

std::string_view name_of(EvidenceKind kind) {
    return names.at(static_cast<std::size_t>(kind));
}

bool holds(const VotePair& votes, const Hash& chain_id) {
    auto first = SignedKind::notarize;
    auto second = SignedKind::notarize;
    switch (votes.kind) {
        case EvidenceKind::unspecified:
            return false;
        case EvidenceKind::double_notarize:
            break;
        case EvidenceKind::double_finalize:
            first = second = SignedKind::finalize;
            break;
        case EvidenceKind::nullify_and_finalize:
            first = SignedKind::nullify;
            second = SignedKind::finalize;
            break;
    }
    const bool contradicts = votes.kind == EvidenceKind::nullify_and_finalize
                                 ? votes.first_digest.is_zero()
                                 : votes.first_digest < votes.second_digest;
    return contradicts &&
           verify(votes.validator, vote_message(votes, chain_id, first, votes.first_digest),
                  votes.first_signature) &&
           verify(votes.validator, vote_message(votes, chain_id, second, votes.second_digest),
                  votes.second_signature);
}

}  // namespace remit::ledger
