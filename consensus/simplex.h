#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/certified_views.h"
#include "consensus/commits.h"
#include "consensus/peers.h"
#include "consensus/proposal_check.h"
#include "consensus/seen_votes.h"
#include "consensus/vote_set.h"

namespace remit::consensus {

/// The replica state machine of consensus.md 3.4: views, votes, certificates, timers, proposals.
/// Safety is SafetyRules' and holds whatever is wrong in here; this part is for progress.
class Simplex {
public:
    struct Parts {
        Context& context;
        BlockTree& tree;
        Batches& batches;
        ExecutionVotes& execution;
        Fetcher& fetcher;
        Peers& peers;
        Commits& commits;
        SafetyRules& safety;
        SeenVotes& seen;
        CertifiedViews& certified;
    };
    explicit Simplex(const Parts& parts);

    /// Recovery: my votes of an earlier run go into my own tally again.
    void restore(const Vote& vote);
    /// Recovery done: enter the view that the restored certificates give.
    void start();

    void on_proposal(ValidatorIndex from, const Proposal& proposal);
    void on_vote(ValidatorIndex from, const Vote& vote);
    /// `blamed`: who pays for a bad one. False if it was one.
    bool on_certificate(std::optional<ValidatorIndex> blamed, const Certificate& certificate,
                        bool relay);
    /// A peer is in a lower view or has an older floor: send it the certificates to follow.
    void help(ValidatorIndex peer, View view, View finalised_view);
    /// This header was asked for: a certificate or a held proposal rests on it.
    [[nodiscard]] bool wants_header(const Hash& digest) const;
    void set_wake(const WakeAt& wake) { wake_ = wake; }

    /// A certificate of an earlier run that holds. What it broke then it breaks now.
    void recall(const Certificate& certificate);

    /// One pass over everything that may be due; true if something happened.
    bool settle();
    [[nodiscard]] View view() const { return view_; }
    [[nodiscard]] std::size_t views_kept() const { return views_.size(); }
    [[nodiscard]] std::optional<std::int64_t> deadline() const;

private:
    struct ViewState {
        VoteSet votes;
        std::optional<std::int64_t> first_notarize_ms;  ///< while it was the current view
        std::optional<Proposal> proposal;
        Hash proposal_digest;
        bool invalid = false;
        bool leader_equivocated = false;
        std::set<ValidatorIndex> accused;
    };
    /// The block a proposal of this view would build on, and what its chain names above the floor.
    struct Tip {
        bool known = false;  ///< parent and all headers down to the floor are held
        Block block;
        std::vector<Block> above_floor;
        std::set<Hash> named;
        View view = 0;  ///< of which this is the tip
        std::uint64_t version = 0;
    };

    // simplex.cpp: votes and certificates
    void take(ValidatorIndex from, const Justification& given, const Header& header);
    void add_vote(const Vote& vote);
    void accept(const Certificate& certificate, bool relay);
    void stop(Fork fork);
    void halt(Fork fork);
    /// A vote that was not signed: the signer is left alone for a while.
    void note(SafetyRefusal refusal);
    void emit(SignedVote&& vote, std::optional<Proposal> proposal);
    bool finalise();
    [[nodiscard]] std::optional<Fork> fork_at(const std::vector<const Certificate*>& finalizations,
                                              const BlockTree::Path& path) const;
    void set_floor(const std::vector<Block>& blocks, const std::vector<Header>& closing,
                   const Certificate& covering);
    void end_epoch();
    bool enter_certified();
    void enter(View view);
    bool vote_finalize();
    [[nodiscard]] std::optional<Certificate> entry() const;

    // propose.cpp: proposals made and judged
    bool consider_proposal();
    bool propose();
    [[nodiscard]] Header make_header(bool strict) const;
    [[nodiscard]] Justification justification(const Header& header, bool strict) const;
    [[nodiscard]] bool may_vote_in_view() const;

    // pacing.cpp: work, timers, resending
    void update_tip();
    [[nodiscard]] bool work();
    [[nodiscard]] bool anchor_due() const;
    bool anchor_overdue();
    [[nodiscard]] bool unfinished_block() const;
    [[nodiscard]] bool wake_due() const;
    [[nodiscard]] std::int64_t awaited_from_ms() const;
    [[nodiscard]] bool awaited() const;
    void arm_timers();
    bool fire_timers();
    bool timeout(std::uint64_t& counter);
    void resend();
    [[nodiscard]] bool anything_to_resend() const;

    Context& context_;
    BlockTree& tree_;
    Batches& batches_;
    ExecutionVotes& execution_;
    Fetcher& fetcher_;
    Peers& peers_;
    Commits& commits_;
    SafetyRules& safety_;
    SeenVotes& seen_;
    CertifiedViews& certified_;
    ProposalCheck check_;

    View view_ = 0;
    std::map<View, ViewState> views_;
    Tip tip_;
    WakeAt wake_;
    bool working_ = false;
    std::int64_t entered_ms_ = 0;
    std::uint32_t consecutive_nullified_ = 0;
    std::optional<std::int64_t> leader_deadline_;
    std::optional<std::int64_t> certificate_deadline_;
    std::optional<std::int64_t> time_wait_wall_ms_;  // N4: a proposal from the future
    std::int64_t resend_at_ = 0;
    struct DueAnchor {
        Height anchored = 0;  ///< by the tip
        std::int64_t overdue_ms = 0;
    };
    std::optional<DueAnchor> due_anchor_;
    struct WorkCache {
        std::uint64_t tree = 0;
        std::uint64_t batches = 0;
        View view = 0;
        Batches::Unnamed unnamed;
        bool valid = false;
    };
    WorkCache work_cache_;
};

}  // namespace remit::consensus
