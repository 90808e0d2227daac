#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "ledger/receipt.h"
#include "ledger/state/merkle_tree.h"
#include "node/storage/block_store.h"
#include "node/storage/receipt_proof.h"

namespace remit::node {

/// The ledger's state as of one block; never changes. Several threads may read one.
struct StateSnapshot {
    consensus::Height height = 0;
    std::int64_t time_ms = 0;  ///< block time
    Hash state_root;
    Hash receipts_root;
    std::shared_ptr<const ledger::StateView> view;
    ledger::MerkleTree tree;  ///< `tree.prove(key)` fits `state_root`
};

struct TransactionReceipts {
    consensus::Height height = 0;
    std::vector<ledger::Receipt> receipts;
};

/// A block's receipts and what the ledger did by itself: what watchers are told.
struct BlockNews {
    consensus::Height height = 0;
    std::int64_t time_ms = 0;
    std::vector<ledger::Receipt> receipts;
    std::vector<ledger::LedgerEvent> events;
};

/// What a node may tell its clients: only what is final, that is finalised and executed alike by
/// f+1 validators. Thread-safe; a failed read of the database ends the process.
class ReadModel {
public:
    ReadModel(const Kv& kv, const Hash& chain_id, consensus::ValidatorSet validators);

    /// State as of the final height (never null after start). Until the first block after a start
    /// is final it is the newest executed one, which was finalised before.
    [[nodiscard]] std::shared_ptr<const StateSnapshot> latest() const;
    [[nodiscard]] consensus::Height final_height() const { return final_height_; }
    /// Newest block executed here, final or not.
    [[nodiscard]] consensus::Height executed_height() const { return executed_height_; }

    /// Blocks up to this height are not kept, nor are their receipts; 0: all are.
    [[nodiscard]] consensus::Height forgotten_height() const { return forgotten_height_; }

    /// Receipts of a transaction, in operation order; none while it is not final.
    [[nodiscard]] std::optional<TransactionReceipts> transaction(const Hash& id) const;
    /// The receipts that lie there; none while they are not final.
    [[nodiscard]] std::optional<TransactionReceipts> receipts_at(
        const TransactionPlace& place) const;
    [[nodiscard]] std::optional<consensus::StoredBlock> block(consensus::Height height) const;
    [[nodiscard]] std::optional<ExecutedBlockRecord> executed(consensus::Height height) const;
    [[nodiscard]] std::optional<BlockNews> news(consensus::Height height) const;
    /// Digest of the block that an epoch stands on; none: the first one's, or not stored here yet.
    [[nodiscard]] std::optional<Hash> root_of(consensus::Epoch epoch) const;
    /// Bytes of a PortableReceipt for the operation `index` of a transaction; none while it is not
    /// final, unknown, or a certificate has not arrived yet.
    [[nodiscard]] std::optional<Bytes> receipt_proof(const Hash& transaction_id,
                                                     std::uint32_t index) const;

    /// Execution thread: the state after a block.
    void publish_executed(std::shared_ptr<const StateSnapshot> snapshot);
    /// Reactor thread: everything up to this height is final.
    void publish_final(consensus::Height height);
    /// Nothing up to this height is read any more. Before it is removed.
    void forget_through(consensus::Height height) { forgotten_height_ = height; }

private:
    using Record = std::shared_ptr<const ExecutedBlockRecord>;
    /// Null when the height was not executed. Records of the newest heights asked for are kept:
    /// all clients of a block ask for the same one.
    [[nodiscard]] Record record_at(consensus::Height height) const;
    /// Final, and kept.
    [[nodiscard]] bool held(consensus::Height height) const {
        return height <= final_height_ && (height == 0 || height > forgotten_height_);
    }
    [[nodiscard]] bool add_ways(PortableReceipt& proof, consensus::Epoch up_to) const;

    Hash chain_id_;
    consensus::ValidatorSet validators_;
    const Kv& kv_;
    BlockStore store_;
    mutable std::mutex records_mutex_;
    mutable std::deque<Record> records_;
    mutable std::mutex mutex_;
    std::shared_ptr<const StateSnapshot> latest_;
    std::deque<std::shared_ptr<const StateSnapshot>> waiting_;  // executed, not final yet
    std::atomic<consensus::Height> final_height_ = 0;
    std::atomic<consensus::Height> forgotten_height_ = 0;
    std::atomic<consensus::Height> executed_height_ = 0;
};

}  // namespace remit::node
