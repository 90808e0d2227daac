#pragma once

#include <map>
#include <memory>

#include "consensus/block_source.h"
#include "consensus/output.h"
#include "node/storage/known_epochs.h"

namespace remit::node {

/// What the engine reads back: batches held in memory until they are executed and blocks committed
/// but not executed yet, over the database. Reactor thread.
class BlockOverlay final : public consensus::BlockSource {
public:
    BlockOverlay(const KvReader& kv, const consensus::ValidatorSet& first,
                 const consensus::Params& params)
        : store_(kv), epochs_(store_, first, params) {}

    [[nodiscard]] std::optional<consensus::StoredBlock> block(
        consensus::Height height) const override;
    [[nodiscard]] std::optional<consensus::Header> header(const Hash& digest) const override;
    [[nodiscard]] consensus::BatchHandle batch(const Hash& digest) const override;

    [[nodiscard]] std::optional<consensus::HandOver> hand_over(
        consensus::Epoch epoch) const override;
    [[nodiscard]] std::optional<consensus::EpochDescription> description(
        const Hash& hash) const override;

    void hold(const consensus::BatchHandle& batch) { batches_[batch->digest()] = batch; }
    void drop_batch(const Hash& digest) { batches_.erase(digest); }
    void add(const std::shared_ptr<const consensus::Commit>& commit);
    /// The block is in the database now.
    void executed(consensus::Height height);

    /// Stored proofs of f+1 votes are no certificates.
    void drop_mere_proof(consensus::StoredBlock& block) const;

    [[nodiscard]] const BlockStore& store() const { return store_; }
    [[nodiscard]] const KnownEpochs& epochs() const { return epochs_; }
    [[nodiscard]] std::size_t blocks_waiting() const { return commits_.size(); }

private:
    BlockStore store_;
    KnownEpochs epochs_;
    std::map<Hash, consensus::BatchHandle> batches_;
    std::map<consensus::Height, std::shared_ptr<const consensus::Commit>> commits_;
    std::map<Hash, consensus::Height> heights_;  // of commits_
};

}  // namespace remit::node
