#pragma once

#include <string_view>

#include "consensus/messages.h"

namespace remit::consensus {

enum class EvidenceKind : std::uint8_t {
    double_notarize = 1,  ///< two digests in one view; two proposals of a leader as well
    double_finalize = 2,
    nullify_and_finalize = 3,
};
std::string_view name_of(EvidenceKind kind);

/// Two votes of one signer that no honest validator signs both. Consequence: alarm and
/// governance, not slashing.
struct Evidence {
    EvidenceKind kind = EvidenceKind::double_notarize;
    Vote first;
    Vote second;

    friend bool operator==(const Evidence&, const Evidence&) = default;
    void write(Writer& writer) const;
    static Evidence read(Reader& reader);
};

/// The contradiction between two votes, if there is one. Signatures are not looked at.
std::optional<Evidence> contradiction(const Vote& first, const Vote& second);
/// Contradiction and both signatures hold.
bool verify(const Evidence& evidence, const ValidatorSet& set, const Hash& chain_id);

}  // namespace remit::consensus
