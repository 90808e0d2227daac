#pragma once

#include "consensus/block_tree.h"
#include "consensus/commits.h"
#include "consensus/context.h"
#include "consensus/execution_votes.h"
#include "consensus/fetcher.h"
#include "consensus/peers.h"
#include "consensus/simplex.h"

namespace remit::consensus {

/// Catch-up (consensus.md 3.8): asks peers for the blocks this node missed and answers what peers
/// miss. Answers are checked by certificate and hash chain, never believed.
class Sync {
public:
    struct Parts {
        Context& context;
        BlockTree& tree;
        ExecutionVotes& execution;
        Fetcher& fetcher;
        Peers& peers;
        Commits& commits;
        Simplex& simplex;
    };
    explicit Sync(const Parts& parts) : parts_(parts) {}

    // Serving.
    void on_request(ValidatorIndex from, const CertificatesRequest& request);
    void on_request(ValidatorIndex from, const HeadersRequest& request);
    void on_request(ValidatorIndex from, const BlocksRequest& request);
    // Answers.
    void on_answer(ValidatorIndex from, const CertificatesAnswer& answer);
    void on_answer(ValidatorIndex from, const HeadersAnswer& answer);
    void on_answer(ValidatorIndex from, const BlocksAnswer& answer);
    /// This is the epoch's last block, as its hand-over has shown.
    void proven_last(const Hash& digest) { proven_last_ = digest; }
    /// Declares which blocks are missing. End of every step.
    void declare_wants();
    /// When being slightly behind turns into asking for blocks.
    [[nodiscard]] std::optional<std::int64_t> deadline() const;

private:
    void want_proof();
    Parts parts_;
    std::optional<std::int64_t> behind_since_ms_;
    std::optional<Hash> proven_last_;
    Height turn_at_ = 0;    // the floor at the last look
    std::size_t turn_ = 0;  // counts its moves: each range of blocks is asked of another peer first
};

}  // namespace remit::consensus
