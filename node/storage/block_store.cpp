#include "node/storage/block_store.h"

#include "node/storage/key_schema.h"

namespace remit::node {

namespace {

constexpr std::size_t receipts_max = std::size_t{1} << 20U;
constexpr std::size_t record_bytes_max = std::size_t{1} << 16U;

IoError damaged(const std::string& what) {
    return {IoFailure::corrupt, "read database", "record " + what,
            "it cannot be decoded; stop the node and run: remit-node db verify"};
}

template <class T>
std::optional<T> read_whole(ByteView bytes) {
    return consensus::decode<T>(bytes);
}
template <>
std::optional<std::uint64_t> read_whole<std::uint64_t>(ByteView bytes) {
    Reader reader(bytes);
    const auto value = reader.u64();
    return reader.done() ? std::optional(value) : std::nullopt;
}
template <>
std::optional<Hash> read_whole<Hash>(ByteView bytes) {
    return Hash::from(bytes);
}

/// A block as it is stored: header, then its Finalization if it has its own.
struct BlockRecord {
    consensus::Header header;
    std::optional<consensus::Certificate> finalization;

    void write(Writer& writer) const {
        header.write(writer);
        writer.boolean(finalization.has_value());
        if (finalization) {
            finalization->write(writer);
        }
    }
    static BlockRecord read(Reader& reader) {
        BlockRecord out;
        out.header = consensus::Header::read(reader);
        if (reader.boolean()) {
            out.finalization = consensus::Certificate::read(reader);
        }
        return out;
    }
};

}  // namespace

void ExecutedBlockRecord::write(Writer& writer) const {
    result.write(writer);
    writer.fixed(previous_receipts_root).i64(time_ms).boolean(wake_at_ms.has_value());
    writer.i64(wake_at_ms.value_or(0));
    writer.u32(static_cast<std::uint32_t>(receipts.size()));
    for (const auto& receipt : receipts) {
        writer.bytes(receipt);
    }
    writer.u32(static_cast<std::uint32_t>(events.size()));
    for (const auto& event : events) {
        writer.u8(static_cast<std::uint8_t>(event.kind)).bytes(event.reference);
        writer.u64(event.window.value);
    }
}

ExecutedBlockRecord ExecutedBlockRecord::read(Reader& reader) {
    ExecutedBlockRecord out;
    out.result = consensus::ExecutionResult::read(reader);
    out.previous_receipts_root = reader.fixed<Hash>();
    out.time_ms = reader.i64();
    const bool wakes = reader.boolean();
    const auto wake_at_ms = reader.i64();
    if (wakes) {
        out.wake_at_ms = wake_at_ms;
    } else if (wake_at_ms != 0) {
        reader.fail();  // one encoding only: nothing is written where there is no time
    }
    const auto receipts = reader.count(receipts_max);
    for (std::uint32_t i = 0; i < receipts && reader.ok(); ++i) {
        out.receipts.push_back(reader.bytes(record_bytes_max));
    }
    const auto events = reader.count(receipts_max);
    for (std::uint32_t i = 0; i < events && reader.ok(); ++i) {
        auto& event = out.events.emplace_back();
        event.kind = reader.enumerator(ledger::LedgerEvent::Kind::window_settled);
        event.reference = reader.bytes(record_bytes_max);
        event.window.value = reader.u64();
    }
    return out;
}

void BaseRecord::write(Writer& writer) const {
    writer.u64(height).u32(static_cast<std::uint32_t>(named.size()));
    for (const auto& each : named) {
        each.write(writer);
    }
}

BaseRecord BaseRecord::read(Reader& reader) {
    BaseRecord out;
    out.height = reader.u64();
    const auto count = reader.count(receipts_max);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.named.push_back(consensus::NamedBatch::read(reader));
    }
    return out;
}

void TransactionPlace::write(Writer& writer) const {
    writer.boolean(executed).u64(height).u32(first).u32(count);
}

TransactionPlace TransactionPlace::read(Reader& reader) {
    TransactionPlace out;
    out.executed = reader.boolean();
    out.height = reader.u64();
    out.first = reader.u32();
    out.count = reader.u32();
    return out;
}

template <class T>
BlockStore::Found<T> BlockStore::record(const Bytes& key) const {
    TRY_ASSIGN(const auto bytes, kv_->get(key));
    if (!bytes) {
        return std::optional<T>();
    }
    auto value = read_whole<T>(*bytes);
    if (!value) {
        return fail(damaged(to_hex(key)));
    }
    return value;
}

BlockStore::Found<consensus::Height> BlockStore::executed_height() const {
    return record<std::uint64_t>(keys::meta(keys::MetaItem::executed));
}

BlockStore::Found<Hash> BlockStore::chain_id() const {
    return record<Hash>(keys::meta(keys::MetaItem::chain));
}

BlockStore::Found<BaseRecord> BlockStore::base() const {
    return record<BaseRecord>(keys::meta(keys::MetaItem::base));
}

BlockStore::Found<consensus::StoredBlock> BlockStore::block(consensus::Height height,
                                                            std::size_t quorum) const {
    TRY_ASSIGN(auto found, record<BlockRecord>(keys::block(height)));
    if (!found) {
        return std::optional<consensus::StoredBlock>();
    }
    consensus::StoredBlock out;
    out.header = std::move(found->header);
    out.finalization = std::move(found->finalization);
    TRY_ASSIGN(auto certificate, execution(height));
    if (certificate && certificate->signers.signatures.size() >= quorum) {
        out.execution = std::move(certificate);
    }
    return std::optional(std::move(out));
}

BlockStore::Found<consensus::Height> BlockStore::height_of(const Hash& digest) const {
    return record<std::uint64_t>(keys::height_of(digest));
}

BlockStore::Found<consensus::ExecutionCertificate> BlockStore::execution(
    consensus::Height height) const {
    return record<consensus::ExecutionCertificate>(keys::execution(height));
}

BlockStore::Found<consensus::Height> BlockStore::proven_height() const {
    const auto table = keys::prefix(keys::Table::execution);
    std::optional<consensus::Height> out;
    TRY(kv_->scan_back(table, end_of_prefix(table), [&](ByteView key, ByteView) {
        Reader reader(key.substr(table.size()));
        out = reader.u64();
        return false;
    }));
    return out;
}

BlockStore::Found<ExecutedBlockRecord> BlockStore::executed(consensus::Height height) const {
    return record<ExecutedBlockRecord>(keys::executed(height));
}

BlockStore::Found<TransactionPlace> BlockStore::transaction(const Hash& id) const {
    return record<TransactionPlace>(keys::transaction(id));
}

BlockStore::Found<consensus::HandOver> BlockStore::hand_over(consensus::Epoch epoch) const {
    return record<consensus::HandOver>(keys::hand_over(epoch));
}

BlockStore::Found<consensus::EpochDescription> BlockStore::description(const Hash& hash) const {
    return record<consensus::EpochDescription>(keys::description(hash));
}

Result<consensus::BatchHandle, IoError> BlockStore::batch(const Hash& digest) const {
    TRY_ASSIGN(auto found, record<consensus::Batch>(keys::batch(digest)));
    if (!found) {
        return consensus::BatchHandle();
    }
    return std::make_shared<const consensus::Batch>(std::move(*found));
}

void put_block(KvBatch& writes, const consensus::Header& header, const Hash& digest,
               const std::optional<consensus::Certificate>& finalization,
               const std::vector<consensus::BatchHandle>& batches) {
    writes.put(keys::block(header.height), consensus::encode(BlockRecord{header, finalization}));
    writes.put(keys::height_of(digest), Writer().u64(header.height).take());
    for (const auto& batch : batches) {
        writes.put(keys::batch(batch->digest()), consensus::encode(*batch));
    }
}

void put_executed(KvBatch& writes, const ExecutedBlockRecord& record) {
    writes.put(keys::executed(record.result.height), consensus::encode(record));
    writes.put(keys::meta(keys::MetaItem::executed), Writer().u64(record.result.height).take());
}

void put_base(KvBatch& writes, const BaseRecord& base) {
    writes.put(keys::meta(keys::MetaItem::base), consensus::encode(base));
}

void put_execution(KvBatch& writes, const consensus::ExecutionCertificate& certificate) {
    writes.put(keys::execution(certificate.result.height), consensus::encode(certificate));
}

void put_hand_over(KvBatch& writes, const consensus::HandOver& way) {
    writes.put(keys::hand_over(way.epoch()), consensus::encode(way));
}

void put_description(KvBatch& writes, const consensus::EpochDescription& description) {
    writes.put(keys::description(description.hash()), consensus::encode(description));
}

void put_transaction(KvBatch& writes, const Hash& id, const TransactionPlace& place) {
    writes.put(keys::transaction(id), consensus::encode(place));
}

}  // namespace remit::node
