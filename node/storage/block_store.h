#pragma once

#include <optional>
#include <vector>

#include "consensus/messages.h"
#include "ledger/block.h"
#include "node/seams/kv.h"

namespace remit::node {

/// What executing a block left behind, besides the state.
struct ExecutedBlockRecord {
    consensus::ExecutionResult result;
    Hash previous_receipts_root;
    std::int64_t time_ms = 0;                 ///< block time
    std::optional<std::int64_t> wake_at_ms;   ///< the ledger's next due time after this block
    std::vector<Bytes> receipts;              ///< canonical bytes, in the receipts tree's order
    std::vector<ledger::LedgerEvent> events;  ///< what the ledger did by itself, in order

    friend bool operator==(const ExecutedBlockRecord&, const ExecutedBlockRecord&) = default;
    void write(Writer& writer) const;
    static ExecutedBlockRecord read(Reader& reader);
};

/// Where the kept history begins, in a database that joined from a snapshot or was pruned. The
/// block at this height has its header and its result; whatever else lies there or below is not
/// whole and nobody's to read.
struct BaseRecord {
    consensus::Height height = 0;
    std::vector<consensus::NamedBatch> named;  ///< see SnapshotManifest

    friend bool operator==(const BaseRecord&, const BaseRecord&) = default;
    void write(Writer& writer) const;
    static BaseRecord read(Reader& reader);
};

/// Where the receipts of a transaction lie. Those of an executed one stay for ever; those of a
/// refused one give way to later ones.
struct TransactionPlace {
    bool executed = false;
    consensus::Height height = 0;
    std::uint32_t first = 0;  ///< index into the block's receipts
    std::uint32_t count = 0;

    void write(Writer& writer) const;
    static TransactionPlace read(Reader& reader);
};

/// Blocks, batches, certificates and receipts in the node's database. Thread-safe as its Kv is.
/// A damaged record or a failed read is an IoError; callers on the node's threads end the process
/// with it, `db verify` prints it.
class BlockStore {
public:
    explicit BlockStore(const KvReader& kv) : kv_(&kv) {}

    template <class T>
    using Found = Result<std::optional<T>, IoError>;

    /// Height of the newest executed block; none in a new database.
    [[nodiscard]] Found<consensus::Height> executed_height() const;
    [[nodiscard]] Found<Hash> chain_id() const;
    /// None: everything is kept, from genesis on.
    [[nodiscard]] Found<BaseRecord> base() const;
    /// With its execution certificate when one with q votes is there.
    [[nodiscard]] Found<consensus::StoredBlock> block(consensus::Height height,
                                                      std::size_t quorum) const;
    [[nodiscard]] Found<consensus::Height> height_of(const Hash& digest) const;
    [[nodiscard]] Found<consensus::ExecutionCertificate> execution(consensus::Height height) const;
    /// Greatest height with an execution certificate.
    [[nodiscard]] Found<consensus::Height> proven_height() const;
    [[nodiscard]] Found<ExecutedBlockRecord> executed(consensus::Height height) const;
    [[nodiscard]] Found<TransactionPlace> transaction(const Hash& id) const;
    /// The way into an epoch.
    [[nodiscard]] Found<consensus::HandOver> hand_over(consensus::Epoch epoch) const;
    [[nodiscard]] Found<consensus::EpochDescription> description(const Hash& hash) const;
    /// Null handle when unknown.
    [[nodiscard]] Result<consensus::BatchHandle, IoError> batch(const Hash& digest) const;

private:
    template <class T>
    [[nodiscard]] Found<T> record(const Bytes& key) const;
    const KvReader* kv_;
};

/// Puts a committed block's header, Finalization and batches into the batch of its execution.
void put_block(KvBatch& writes, const consensus::Header& header, const Hash& digest,
               const std::optional<consensus::Certificate>& finalization,
               const std::vector<consensus::BatchHandle>& batches);
/// Puts the result of execution and the executed height.
void put_executed(KvBatch& writes, const ExecutedBlockRecord& record);
void put_base(KvBatch& writes, const BaseRecord& base);
void put_execution(KvBatch& writes, const consensus::ExecutionCertificate& certificate);
void put_hand_over(KvBatch& writes, const consensus::HandOver& way);
void put_description(KvBatch& writes, const consensus::EpochDescription& description);
void put_transaction(KvBatch& writes, const Hash& id, const TransactionPlace& place);

}  // namespace remit::node
