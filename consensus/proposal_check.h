#pragma once

#include <optional>

#include "consensus/batches.h"
#include "consensus/block_tree.h"
#include "consensus/context.h"
#include "consensus/execution_votes.h"
#include "consensus/fetcher.h"
#include "consensus/safety_rules.h"

namespace remit::consensus {

/// The conditions N2 to N7 under which a header gets this node's Notarize vote (consensus.md 3.4).
/// What is missing is asked for; N1 and the signatures are the replica's and SafetyRules' part.
class ProposalCheck {
public:
    ProposalCheck(Context& context, const BlockTree& tree, Batches& batches,
                  const ExecutionVotes& execution, Fetcher& fetcher)
        : context_(context),
          tree_(tree),
          batches_(batches),
          execution_(execution),
          fetcher_(fetcher) {}

    enum class Verdict : std::uint8_t {
        vote,
        wait,     ///< something may still arrive
        invalid,  ///< provably, from the header and data held
    };
    struct Judgement {
        Verdict verdict = Verdict::wait;
        std::optional<std::int64_t> until_wall_ms;  ///< its time is ahead of this node's clock
    };
    /// What can be told without the parent: N2 and the sums of N5.
    [[nodiscard]] bool well_formed(const Header& header) const;
    /// Everything else, of a well-formed header.
    [[nodiscard]] Judgement judge(const Header& header);
    /// The certificates that make its parent certified; complete once `judge` says vote.
    [[nodiscard]] ParentProof proof(const Header& header) const;

private:
    [[nodiscard]] bool parent_certified(const Header& header);
    [[nodiscard]] bool follows(const Header& header, const Header& parent) const;
    [[nodiscard]] Verdict check_batches(const Header& header, const BlockTree::Path& path);
    [[nodiscard]] Verdict check_execution(const Header& header, const Block& parent,
                                          const BlockTree::Path& path);

    Context& context_;
    const BlockTree& tree_;
    Batches& batches_;
    const ExecutionVotes& execution_;
    Fetcher& fetcher_;
};

}  // namespace remit::consensus
