#pragma once

#include <map>
#include <set>
#include <vector>

#include "consensus/certificate.h"
#include "consensus/journal_record.h"
#include "consensus/messages.h"
#include "consensus/signer.h"
#include "ledger/base/result.h"

namespace remit::consensus {

/// Why SafetyRules will not sign.
enum class SafetyRefusal : std::uint8_t {
    already_notarized,      ///< S1: one digest per view
    already_nullified,      ///< S1 and S2
    already_finalized,      ///< S2
    uncertified_parent,     ///< S3
    missing_nullification,  ///< S3
    not_a_notarization,     ///< S4
    bad_certificate,
    view_below_floor,
    not_signed,  ///< the rules allow it; the signer is away or refuses
};
std::string_view name_of(SafetyRefusal refusal);

/// What makes a parent certified (N3): a Notarization or Finalization of it, and Nullifications of
/// every view between. No certificate when the parent is the epoch root.
struct ParentProof {
    std::optional<Certificate> parent;
    std::vector<Certificate> nullifications;
};

/// A vote and the records that must be durable before it is sent, in order: what justifies it
/// first, the vote last.
struct SignedVote {
    Vote vote;
    std::vector<JournalRecord> records;
};

/// Keeps S1-S4. The only code that signs a vote; it trusts nothing it is given and checks every
/// certificate itself.
class SafetyRules {
public:
    SafetyRules(const Hash& chain_id, const ValidatorSet& set, ValidatorIndex self,
                const Hash& root_digest, const Signer& signer);

    /// One journal record of an earlier run; call for each, oldest first, before anything else.
    /// False if it is not one of ours (the journal belongs to another chain or key).
    [[nodiscard]] bool restore(const JournalRecord& record);

    /// S1, S3. `entry` is the certificate this view was entered on, if not in the proof.
    [[nodiscard]] Result<SignedVote, SafetyRefusal> notarize(
        const Header& header, const ParentProof& proof, const std::optional<Certificate>& entry);
    /// S2.
    [[nodiscard]] Result<SignedVote, SafetyRefusal> nullify(
        View view, const std::optional<Certificate>& entry);
    /// S2, S4.
    [[nodiscard]] Result<SignedVote, SafetyRefusal> finalize(
        const Certificate& notarization, const std::optional<Certificate>& entry);

    /// My vote of this kind in this view, if I signed one (in this or an earlier run).
    [[nodiscard]] const Vote* vote(VoteKind kind, View view) const;
    /// Highest view with a vote of mine; 0 if none.
    [[nodiscard]] View highest_view() const;
    /// Forget votes of views below this one: they can never be signed again because the caller's
    /// floor is above them. `notarize`, `nullify` and `finalize` refuse such views from now on.
    void prune_below(View view);
    /// Votes may be lost: none is signed below this view from now on. The record must be durable
    /// before the next vote is sent.
    [[nodiscard]] JournalRecord resume_at(View view);
    /// Votes may be lost: nothing is signed until `resume_at`.
    void votes_lost() { votes_lost_ = true; }
    /// Votes below these views are forgotten, or were lost.
    [[nodiscard]] View floor() const { return floor_; }
    [[nodiscard]] View resume_view() const { return resume_; }
    /// False: nothing is signed in this view, whatever is asked.
    [[nodiscard]] bool may_sign(View view) const {
        return !votes_lost_ && view >= floor_ && view >= resume_ && view > 0;
    }

private:
    struct ViewVotes {
        std::optional<Vote> notarize;
        std::optional<Vote> nullify;
        std::optional<Vote> finalize;
    };
    [[nodiscard]] bool holds(const Certificate& certificate);
    [[nodiscard]] Status<SafetyRefusal> check_parent(const Header& header,
                                                     const ParentProof& proof);
    [[nodiscard]] std::optional<Vote>& slot_of(VoteKind kind, View view);
    [[nodiscard]] Status<SafetyRefusal> check_entry(const std::optional<Certificate>& entry);
    void journal(const Certificate& certificate, std::vector<JournalRecord>& records);
    [[nodiscard]] Result<Vote, SafetyRefusal> sign(VoteKind kind, View view, const Hash& digest);

    Hash chain_id_;
    const ValidatorSet& set_;
    ValidatorIndex self_;
    Hash root_digest_;
    const Signer& signer_;
    View floor_ = 0;
    View resume_ = 0;  // first view after votes were lost
    bool votes_lost_ = false;
    std::map<View, ViewVotes> votes_;
    std::map<View, std::set<Hash>> verified_;   // hashes of whole certificates found valid
    std::map<View, std::set<Hash>> journaled_;  // and of those that are in the journal
};

}  // namespace remit::consensus
