#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/evidence.h"
#include "consensus/journal_record.h"
#include "consensus/messages.h"

namespace remit::consensus {

/// Votes never queue behind batches: two connections per peer.
enum class Channel : std::uint8_t { votes, bulk };

struct Send {
    std::optional<PeerNumber> to;  ///< none: every peer
    Channel channel = Channel::votes;
    Message message;
};

/// A finalised block with all its data, in height order, each height once per run of the engine.
/// After a restart heights above the host's executed height come again.
struct Commit {
    Header header;
    Hash digest;
    std::vector<BatchHandle> batches;  ///< in the header's order
    /// Of this block, or of the last of `descendants`.
    Certificate finalization;
    /// Headers from height+1 up to the one that `finalization` names; empty if it names this one.
    std::vector<Header> descendants;
};

/// A notarized block with all its data, not final and perhaps never: to be executed on an overlay,
/// so that its execution vote travels with the Finalize votes. Its parent is the newest commit or
/// came this way before. Each block once per run of the engine; if it is finalised it comes again
/// as a commit.
struct NotarizedBlock {
    Header header;
    Hash digest;
    std::vector<BatchHandle> batches;  ///< in the header's order
};

/// What became of submitted items.
struct SealedItems {
    Hash batch;
    std::vector<std::uint64_t> tokens;  ///< in the batch's order
};

/// My roots differ from f+1 others': this node has stopped voting and gives no receipts.
struct Divergence {
    ExecutionResult mine;
    ExecutionResult proven;
};

/// What certificates showed that cannot be while at most f validators are faulty
/// (consensus.md 3.5).
enum class ForkRule : std::uint8_t {
    two_blocks_in_a_view = 1,     ///< L1
    finalized_and_nullified = 2,  ///< L2, of one view
    two_chains = 3,               ///< L3: a finalised block that does not extend the other one
};
std::string_view name_of(ForkRule rule);

/// More than f validators are faulty, and the chain may have two ends: this node has stopped voting
/// and gives no receipts. The journal keeps both certificates, so a restart changes nothing.
struct Fork {
    ForkRule broken = ForkRule::two_blocks_in_a_view;
    std::optional<Certificate> held;  ///< none: my chain there was proven by one not kept here
    Certificate other;
};

/// A protocol version was activated that this program does not know.
struct UnsupportedVersion {
    Epoch epoch = 0;
    std::uint16_t version = 0;
};

/// A peer sent what no honest validator sends: close its connections and say why in the log.
struct Misbehaviour {
    PeerNumber peer = 0;
    std::string reason;
};

/// What one step (or several, see append) wants done. The host drains it in the order of the
/// fields:
/// 1. writes `journal` and `store_batches`, 2. if `sync_before_send`, ONE fdatasync of each file
/// written to, 3. sends, 4. hands `commits` to execution, 5. the rest. Nothing of `send` may leave
/// before what `journal` and `store_batches` hold is durable: PERSIST BEFORE SEND. A failed write
/// or sync is fatal to the process.
struct Output {
    std::vector<JournalRecord> journal;
    std::vector<BatchHandle> store_batches;
    /// False: the records may wait in the file cache for the next sync (nothing rests on them).
    bool sync_before_send = false;
    std::vector<Send> send;
    std::vector<Commit> commits;
    /// For execution after `commits`; may be left out by a host that is busy.
    std::vector<NotarizedBlock> notarized;

    /// f+1 equal execution votes for a finalised block: its receipts are final. Once a height.
    std::vector<ExecutionCertificate> execution_proofs;
    /// q equal execution votes for a finalised block, to be stored by height and served.
    std::vector<ExecutionCertificate> execution_certificates;
    /// Own batches sealed in this step.
    std::vector<SealedItems> sealed;
    /// Refused: the author window is full. The client hears RESOURCE_EXHAUSTED, nothing was kept.
    std::vector<std::uint64_t> refused;
    /// Own items whose batch expired unnamed; may be submitted again.
    std::vector<std::uint64_t> expired;
    /// Batches nobody can need any more because they expired unnamed. Named batches are pruned by
    /// the host alone, behind a durable checkpoint.
    std::vector<Hash> drop_batches;
    std::vector<Evidence> evidence;
    std::vector<Misbehaviour> misbehaviour;
    std::optional<Divergence> divergence;
    std::optional<Fork> fork;
    /// The journal has votes of this epoch, which began, that are not of this node's key there:
    /// nothing is signed any more.
    std::optional<Epoch> foreign_votes;
    /// An epoch begins: to be stored by its number, for ever, and served (BlockSource::hand_over).
    std::vector<HandOver> hand_overs;
    /// This program cannot vote in the epoch that began: it stays up and serves what it has.
    std::optional<UnsupportedVersion> unsupported;
    /// A peer showed a vote of mine of this view that the journal lacks: it is an old copy.
    std::optional<View> lost_vote;

    /// Adds the output of the next step. A host may merge consecutive outputs and drain them as
    /// one, so that a single sync serves many events.
    void append(Output&& next);
};

}  // namespace remit::consensus
