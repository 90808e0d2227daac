#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/block_tree.h"
#include "consensus/context.h"

namespace remit::consensus {

/// Votes on what execution gave, the proofs (f+1) and certificates (q) they make, and the
/// comparison that takes a node with other roots out of service (consensus.md 3.7). Blocks are
/// executed once notarized, so several may stand at one height until one of them is finalised:
/// votes are counted block by block, and only the finalised one's leave here for the host.
class ExecutionVotes {
public:
    ExecutionVotes(Context& context, const BlockTree& tree) : context_(context), tree_(tree) {}

    /// What a notarized block would give: signs and broadcasts the vote.
    void speculated(const ExecutionResult& result);
    /// My own result of a finalised block; its vote too if it was not sent before.
    void executed(const ExecutionResult& result);
    void on_vote(ValidatorIndex from, const ExecutionVote& vote);
    /// `from` none: a wrong one is not to be blamed on anybody.
    void on_certificate(std::optional<ValidatorIndex> from,
                        const ExecutionCertificate& certificate);
    void on_request(ValidatorIndex from, const ExecutionCertificateRequest& request);
    /// These blocks are finalised now, the last of them is the floor. What others of their heights
    /// would have given is forgotten; mine must equal what their headers anchor.
    void finalised(const std::vector<Block>& blocks);
    /// Sends my votes that have no certificate yet once more; signs those that the signer owes.
    void resend();
    [[nodiscard]] bool anything_to_resend() const;

    /// The certificate of this height with exactly this result.
    [[nodiscard]] const ExecutionCertificate* certificate(const ExecutionResult& result) const;
    /// Newest certificate above `above` whose block is on the chain of `parent`; null if none.
    [[nodiscard]] const ExecutionCertificate* newest_on(const Block& parent, Height above) const;

private:
    struct AtBlock {
        std::map<ValidatorIndex, ExecutionVote> votes;
        std::optional<ExecutionCertificate> certificate;
        std::set<ValidatorIndex> late;  // voted when the certificate was there already
        std::optional<ExecutionResult> mine;
        bool executed = false;   // finalised, and executed here for good
        bool proven = false;     // the host has its proof
        bool published = false;  // the host has its certificate
    };
    using AtHeight = std::map<Hash, AtBlock>;

    [[nodiscard]] bool inside(Height height) const;
    /// A vote of this signer for a block of this height has a place.
    [[nodiscard]] bool admits(const ExecutionResult& result, ValidatorIndex signer) const;
    void vote(AtBlock& at, const ExecutionResult& result);
    /// Signs and broadcasts, if the signer is there.
    void sign_mine(AtBlock& at);
    void tally(AtBlock& at);
    void publish(Height height, const Hash& digest, AtBlock& at);
    void keep_only(Height height, const Hash& digest);
    [[nodiscard]] const AtBlock* find(Height height, const Hash& digest) const;
    void compare(const ExecutionResult& mine, const ExecutionResult& proven);
    /// Lower ones are forgotten: they were executed, or anchored, long ago.
    [[nodiscard]] Height kept_from() const;
    /// A certificate of this block would tell the host something.
    [[nodiscard]] bool lacks_certificate(const ExecutionResult& result) const;
    void prune();

    Context& context_;
    const BlockTree& tree_;
    std::map<Height, AtHeight> heights_;
};

}  // namespace remit::consensus
