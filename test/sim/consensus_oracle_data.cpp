#include <algorithm>

#include "test/sim/consensus_oracle.h"
#include "test/sim/oracle.h"
#include "test/sim/oracle_words.h"

// What must be on a disk before somebody vouches for it (consensus.md 3.3), and stay there (3.6).

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

/// The Keep rule, of what a finalised block names: until a durable checkpoint covers that block,
/// its batches are replayed after a crash. The oldest such block is the one whose data would go
/// first.
void ConsensusOracle::check_kept(std::size_t node, Height executed) {
    const auto oldest = durable_[node] + 1;
    const auto block = blocks_.find(oldest);
    if (oldest > executed || block == blocks_.end() || !held_by) {
        return;
    }
    for (const auto& digest : block->second.batches) {
        const auto seen = batches_seen_.find(digest);
        if (seen != batches_seen_.end() && vouched_[node].contains(digest) &&
            !held_by(node, digest, seen->second)) {
            throw Breach("Keep rule", who(node) + " has dropped a batch of height " +
                                          std::to_string(oldest) + ", which is executed up to " +
                                          std::to_string(executed) +
                                          " but in no durable checkpoint");
        }
    }
}

/// C9 (N5): a certificate over a block whose data nobody can be trusted to have.
void ConsensusOracle::check_batches(const Certificate& notarization) {
    const auto header = headers_.find(notarization.digest);
    if (header == headers_.end() || !held_by_honest) {
        return;
    }
    for (const auto& entry : header->second.batches) {
        const auto batch = batches_seen_.find(entry.digest);
        if (batch != batches_seen_.end() && !held_by_honest(entry.digest, batch->second)) {
            throw Breach("C9", "a batch of the block certified" + at(notarization.view) +
                                   " is durable at no honest validator");
        }
    }
}

/// C5 of data. A batch that nobody honest has ever sent is not judged: only its author's signature
/// tells it on a disk.
void ConsensusOracle::check_held(std::size_t from, const Hash& batch, const std::string& does) {
    const auto seen = batches_seen_.find(batch);
    if (!held_by || seen == batches_seen_.end() || vouched_[from].contains(batch)) {
        return;
    }
    if (!held_by(from, batch, seen->second)) {
        throw Breach("C5", who(from) + " " + does + " a batch that is not durable there");
    }
    vouched_[from].insert(batch);
}

/// C5 of an execution vote: every batch of its block, but for one that a durable checkpoint covers
/// (its batches may be gone).
void ConsensusOracle::check_executed(std::size_t from, const ExecutionVote& vote) {
    const auto header = headers_.find(vote.result.block_digest);
    if (node_of(vote.epoch, vote.signer) != from || header == headers_.end() ||
        vote.result.height <= durable_[from]) {
        return;
    }
    for (const auto& entry : header->second.batches) {
        check_held(from, entry.digest, "says the result of a block with");
    }
}

/// N5: each batch that a voter's block names is on its disk, or f+1 can have acknowledged it: they
/// said so, or hold it (whoever forms the certificate counts its own Ack unsent).
void ConsensusOracle::check_named(std::size_t from, const Vote& vote) {
    const auto header = headers_.find(vote.digest);
    if (vote.kind != VoteKind::notarize || header == headers_.end() || !held_by) {
        return;
    }
    const auto& set = set_of(vote.epoch);
    const auto needed = (set.size() - 1) / 3 + 1;
    const auto holds = [&](std::size_t node, const Hash& batch, const Signature& signature) {
        auto& known = vouched_[node];
        const bool there = known.contains(batch) || held_by(node, batch, signature);
        if (there) {
            known.insert(batch);
        }
        return there;
    };
    for (const auto& entry : header->second.batches) {
        const auto seen = batches_seen_.find(entry.digest);
        if (seen == batches_seen_.end() || holds(from, entry.digest, seen->second)) {
            continue;
        }
        const auto& by = acknowledged_[entry.digest];
        std::size_t can_have = 0;
        for (std::size_t index = 0; index < set.size(); ++index) {
            const auto node = node_of(vote.epoch, static_cast<ValidatorIndex>(index));
            can_have += !node || is_byzantine(*node) || by.contains(*node) ||
                                holds(*node, entry.digest, seen->second)
                            ? 1
                            : 0;
        }
        if (can_have < needed) {
            throw Breach("N5", who(from) + " sends a notarize vote" + at(vote.view) +
                                   " though it lacks a batch of the block and " +
                                   std::to_string(can_have) + " can have acknowledged it");
        }
    }
}

}  // namespace remit::sim
