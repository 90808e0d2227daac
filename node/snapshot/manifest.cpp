#include "node/snapshot/manifest.h"

namespace remit::node {

namespace {

constexpr std::size_t params_bytes_max = 256;
constexpr char end_of_state = '\x7F';  // last prefix of the ledger's tables, see key_schema.h

bool is_state_key(ByteView key) {
    return !key.empty() && key.size() <= SnapshotChunk::key_bytes_max &&
           static_cast<unsigned char>(key[0]) <= static_cast<unsigned char>(end_of_state);
}

void read_names(Reader& reader, SnapshotManifest& out) {
    const auto count = reader.count(SnapshotManifest::names_max);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        const auto named = consensus::NamedBatch::read(reader);
        if (named.expires_height <= out.header.height ||
            (!out.named.empty() && named <= out.named.back())) {
            reader.fail();
        }
        out.named.push_back(named);
    }
}

void read_chunks(Reader& reader, SnapshotManifest& out) {
    out.records = reader.u64();
    const auto count = reader.count(SnapshotManifest::chunks_max);
    std::uint64_t records = 0;
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        auto chunk = ChunkName::read(reader);
        if (!out.chunks.empty() && chunk.first_key <= out.chunks.back().first_key) {
            reader.fail();
        }
        records += chunk.records;
        out.chunks.push_back(std::move(chunk));
    }
    if (records != out.records) {
        reader.fail();
    }
}

}  // namespace

void ChunkName::write(Writer& writer) const {
    writer.fixed(hash).u32(bytes).u32(records).bytes(first_key);
}

ChunkName ChunkName::read(Reader& reader) {
    ChunkName out;
    out.hash = reader.fixed<Hash>();
    out.bytes = reader.u32();
    out.records = reader.u32();
    out.first_key = reader.bytes(SnapshotChunk::key_bytes_max);
    if (out.bytes == 0 || out.bytes > consensus::limits::snapshot_chunk_bytes || out.records == 0 ||
        !is_state_key(out.first_key)) {
        reader.fail();
    }
    return out;
}

void SnapshotManifest::write(Writer& writer) const {
    writer.u16(format).fixed(chain_id);
    header.write(writer);
    result.write(writer);
    writer.fixed(previous_receipts_root).boolean(wake_at_ms.has_value());
    if (wake_at_ms) {
        writer.i64(*wake_at_ms);
    }
    validators.write(writer);
    writer.bytes(consensus::encode(params));
    writer.u32(static_cast<std::uint32_t>(named.size()));
    for (const auto& each : named) {
        each.write(writer);
    }
    writer.u64(records).u32(static_cast<std::uint32_t>(chunks.size()));
    for (const auto& each : chunks) {
        each.write(writer);
    }
}

SnapshotManifest SnapshotManifest::read(Reader& reader) {
    SnapshotManifest out;
    if (reader.u16() != format) {
        reader.fail();
    }
    out.chain_id = reader.fixed<Hash>();
    out.header = consensus::Header::read(reader);
    out.result = consensus::ExecutionResult::read(reader);
    out.previous_receipts_root = reader.fixed<Hash>();
    if (reader.boolean()) {
        out.wake_at_ms = reader.i64();
    }
    out.validators = consensus::ValidatorSet::read(reader);
    const auto params = consensus::decode<consensus::Params>(reader.bytes(params_bytes_max));
    if (!reader.ok() || !params) {
        reader.fail();
        return out;
    }
    out.params = *params;
    if (out.header.height == 0 || out.result.height != out.header.height ||
        out.result.block_digest != out.header.digest() ||
        out.header.params_hash != out.params.hash() || out.header.epoch != out.validators.epoch()) {
        reader.fail();
        return out;
    }
    read_names(reader, out);
    read_chunks(reader, out);
    return out;
}

Hash SnapshotManifest::root() const {
    return snapshot_root_of(consensus::encode(*this));
}

void SnapshotChunk::write(Writer& writer) const {
    writer.u32(static_cast<std::uint32_t>(records.size()));
    for (const auto& [key, value] : records) {
        writer.bytes(key).bytes(value);
    }
}

SnapshotChunk SnapshotChunk::read(Reader& reader) {
    constexpr auto bytes_max = consensus::limits::snapshot_chunk_bytes;
    SnapshotChunk out;
    const auto count = reader.count(bytes_max);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        auto key = reader.bytes(key_bytes_max);
        auto value = reader.bytes(bytes_max);
        if (!is_state_key(key) || (!out.records.empty() && key <= out.records.back().first)) {
            reader.fail();
        }
        out.records.emplace_back(std::move(key), std::move(value));
    }
    if (out.records.empty()) {
        reader.fail();
    }
    return out;
}

Hash snapshot_root_of(ByteView manifest) {
    return hash(domain::snapshot, manifest);
}

Hash chunk_hash(ByteView chunk) {
    return hash(domain::snapshot_chunk, chunk);
}

std::optional<SnapshotChunk> checked_chunk(const SnapshotManifest& manifest, std::size_t index,
                                           ByteView bytes) {
    if (index >= manifest.chunks.size()) {
        return std::nullopt;
    }
    const auto& name = manifest.chunks[index];
    if (bytes.size() != name.bytes || chunk_hash(bytes) != name.hash) {
        return std::nullopt;
    }
    auto chunk = consensus::decode<SnapshotChunk>(bytes);
    if (!chunk || chunk->records.size() != name.records ||
        chunk->records.front().first != name.first_key) {
        return std::nullopt;
    }
    const auto next = index + 1;
    if (next < manifest.chunks.size() &&
        chunk->records.back().first >= manifest.chunks[next].first_key) {
        return std::nullopt;
    }
    return chunk;
}

}  // namespace remit::node
