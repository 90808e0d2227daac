#pragma once

#include <map>
#include <optional>
#include <set>

#include "consensus/block_tree.h"
#include "consensus/context.h"

namespace remit::consensus {

/// Votes on what execution gave, the proofs (f+1) and certificates (q) they make, and the
/// comparison that takes a node with other roots out of service (consensus.md 3.7).
class ExecutionVotes {
public:
    ExecutionVotes(Context& context, const BlockTree& tree) : context_(context), tree_(tree) {}

    /// My own result: signs and broadcasts the vote.
    void executed(const ExecutionResult& result);
    void on_vote(ValidatorIndex from, const ExecutionVote& vote);
    /// False if the certificate is wrong. `from` none: not to be blamed on anybody.
    void on_certificate(std::optional<ValidatorIndex> from,
                        const ExecutionCertificate& certificate);
    void on_request(ValidatorIndex from, const ExecutionCertificateRequest& request);
    /// A finalised header names a certified result: mine must equal it.
    void finalised(const Header& header);
    /// Sends my votes that have no certificate yet once more.
    void resend();
    [[nodiscard]] bool anything_to_resend() const;

    /// The certificate of this height with exactly this result.
    [[nodiscard]] const ExecutionCertificate* certificate(const ExecutionResult& result) const;
    /// Newest certificate above `above` whose block is on the chain of `parent`; null if none.
    [[nodiscard]] const ExecutionCertificate* newest_on(const Block& parent, Height above) const;

private:
    struct AtHeight {
        std::map<ValidatorIndex, ExecutionVote> votes;
        std::optional<ExecutionCertificate> certificate;
        std::set<ValidatorIndex> late;  // voted when the certificate was there already
        std::optional<ExecutionResult> mine;
        bool proven = false;
    };
    [[nodiscard]] bool inside(Height height) const;
    void tally(Height height);
    void compare(const ExecutionResult& mine, const ExecutionResult& proven);
    void prune();

    Context& context_;
    const BlockTree& tree_;
    std::map<Height, AtHeight> heights_;
};

}  // namespace remit::consensus
