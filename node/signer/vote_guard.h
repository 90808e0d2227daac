#pragma once

#include <compare>
#include <map>
#include <optional>

#include "consensus/journal_record.h"
#include "node/signer/refusal.h"
#include "node/signer/statement.h"

namespace remit::node::signer {

/// A view of an epoch. Views begin anew in each epoch, so they are ordered by both.
struct Place {
    consensus::Epoch epoch = 0;
    consensus::View view = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

/// Every vote that this key has signed, and whether it may sign another: S1 and S2 of consensus.md
/// from nothing but what it remembers, so that nothing a node says can make it vote twice.
///
/// - One Notarize digest a view, none after a Nullify (S1).
/// - Never both Nullify and Finalize of a view, one Finalize digest (S2).
/// - Nothing below the floor, which never goes back.
/// - The same statement may be signed again: it is the same signature.
class VoteGuard {
public:
    /// Views remembered. Above that the lowest is forgotten and the floor rises past it.
    explicit VoteGuard(std::size_t views_max = 8192) : views_max_(views_max) {}

    /// A record of an earlier run, oldest first. False: none of ours.
    [[nodiscard]] bool restore(const consensus::JournalRecord& record);

    /// Whether the vote contradicts nothing. Errors: already_notarized, already_nullified,
    /// already_finalized, below_floor.
    [[nodiscard]] Status<Refusal> check(const VoteStatement& vote) const;
    /// Whether exactly this vote is remembered.
    [[nodiscard]] bool remembers(const VoteStatement& vote) const;
    /// Remembers a vote that `check` allows. The records must be durable before its signature
    /// leaves: the vote, and now and then a floor.
    [[nodiscard]] std::vector<consensus::JournalRecord> add(const VoteStatement& vote);
    /// No vote below this place from now on; lower ones change nothing.
    [[nodiscard]] consensus::JournalRecord raise(Place floor);

    /// The first place that may be voted in.
    [[nodiscard]] Place floor() const { return floor_; }
    /// The highest place voted in, or the floor if that is higher.
    [[nodiscard]] Place highest() const;
    [[nodiscard]] std::size_t views() const { return votes_.size(); }
    /// For pruning a journal: rises with the place, never above its true order.
    [[nodiscard]] static consensus::View order_of(Place place);

private:
    struct Votes {
        std::optional<Hash> notarize;
        bool nullify = false;
        std::optional<Hash> finalize;
    };
    void note(const VoteStatement& vote);
    void set_floor(Place floor);

    std::size_t views_max_;
    Place floor_;
    std::map<Place, Votes> votes_;
};

}  // namespace remit::node::signer
