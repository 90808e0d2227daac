#pragma once

#include <string_view>

#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/ids.h"
#include "ledger/record.h"

/// Proof that a validator signed what no honest one signs: two votes of one view that exclude each
/// other. It proves itself, so it matters little who reports it. Consequence: alarm and governance.
namespace remit::ledger {

enum class EvidenceKind : std::uint8_t {
    unspecified = 0,
    double_notarize = 1,  // two blocks in one view; two proposals of a leader as well
    double_finalize = 2,
    nullify_and_finalize = 3,  // the first vote is the Nullify
};
constexpr EvidenceKind last_of(EvidenceKind) {
    return EvidenceKind::nullify_and_finalize;
}
/// `double_notarize`, ...; empty for unspecified.
std::string_view name_of(EvidenceKind kind);

/// Both votes with all that their signatures cover. Of two votes of one kind the one with the lower
/// digest comes first, so that one contradiction has one form.
struct VotePair {
    EvidenceKind kind = EvidenceKind::unspecified;
    PublicKey validator{};
    std::uint64_t epoch = 0;
    Hash valset_hash{};
    std::uint64_t view = 0;
    Hash first_digest{};
    Signature first_signature{};
    Hash second_digest{};
    Signature second_signature{};

    friend bool operator==(const VotePair&, const VotePair&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.kind, self.validator, self.epoch, self.valset_hash, self.view, self.first_digest,
             self.first_signature, self.second_digest, self.second_signature);
    }
};

/// The votes exclude each other and the validator's key signed both, on this chain. Whether the key
/// is a validator's is the registry's to say.
bool holds(const VotePair& votes, const Hash& chain_id);

/// Kept for ever, once for each validator, epoch, view and kind.
struct EvidenceRecord {
    VotePair votes{};
    ParticipantId participant{};  // the key's owner
    ParticipantId reporter{};
    std::uint64_t height = 0;
    BlockTime time{};

    friend bool operator==(const EvidenceRecord&, const EvidenceRecord&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.votes, self.participant, self.reporter, self.height, self.time);
    }
};

}  // namespace remit::ledger
