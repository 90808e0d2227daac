#include "node/snapshot/builder.h"

#include <algorithm>

#include "node/storage/block_store.h"
#include "node/storage/key_schema.h"

namespace remit::node {

namespace {

IoError damaged(std::string why) {
    return {IoFailure::corrupt, "read snapshot", "copy of the database", std::move(why)};
}

/// Cuts records into chunks and notes their names: a chunk ends with the record that reaches the
/// size on the chain.
class Cutter {
public:
    Cutter(SnapshotManifest& manifest, std::size_t chunk_bytes)
        : manifest_(manifest), chunk_bytes_(chunk_bytes) {}

    void add(ByteView key, ByteView value) {
        chunk_.records.emplace_back(Bytes(key), Bytes(value));
        constexpr std::size_t lengths = 8;
        bytes_ += key.size() + value.size() + lengths;
        if (bytes_ >= chunk_bytes_) {
            cut();
        }
    }
    void cut() {
        if (chunk_.records.empty()) {
            return;
        }
        const auto bytes = consensus::encode(chunk_);
        manifest_.records += chunk_.records.size();
        manifest_.chunks.push_back({.hash = chunk_hash(bytes),
                                    .bytes = static_cast<std::uint32_t>(bytes.size()),
                                    .records = static_cast<std::uint32_t>(chunk_.records.size()),
                                    .first_key = chunk_.records.front().first});
        chunk_.records.clear();
        bytes_ = 0;
    }

private:
    SnapshotManifest& manifest_;
    std::size_t chunk_bytes_;
    SnapshotChunk chunk_;
    std::size_t bytes_ = 0;
};

/// What blocks up to this height named and later ones could name again.
Result<std::vector<consensus::NamedBatch>, IoError> named_batches(const BlockStore& store,
                                                                  const Chain& chain,
                                                                  consensus::Height height) {
    std::vector<consensus::NamedBatch> out;
    TRY_ASSIGN(const auto base, store.base());
    const consensus::Height window = chain.params.expiry_window;
    auto from = height > window ? height - window : 1;
    if (base) {
        from = std::max(from, base->height + 1);
        std::copy_if(base->named.begin(), base->named.end(), std::back_inserter(out),
                     [height](const auto& each) { return each.expires_height > height; });
    }
    for (auto at = from; at <= height; ++at) {
        TRY_ASSIGN(const auto block, store.block(at, chain.validators.q()));
        if (!block) {
            return fail(damaged("height " + std::to_string(at) + " has no block"));
        }
        for (const auto& entry : block->header.batches) {
            if (entry.expires_height > height) {
                out.push_back({entry.expires_height, entry.digest});
            }
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace

Result<SnapshotManifest, IoError> build_manifest(const KvReader& copy, const Chain& chain) {
    const BlockStore store(copy);
    TRY_ASSIGN(const auto height, store.executed_height());
    if (!height || *height == 0) {
        return fail(damaged("it holds no block"));
    }
    TRY_ASSIGN(const auto block, store.block(*height, chain.validators.q()));
    TRY_ASSIGN(const auto record, store.executed(*height));
    if (!block || !record) {
        return fail(damaged("its newest block is missing"));
    }
    SnapshotManifest out;
    out.chain_id = chain.id;
    out.header = block->header;
    out.result = record->result;
    out.previous_receipts_root = record->previous_receipts_root;
    out.wake_at_ms = record->wake_at_ms;
    out.validators = chain.validators;
    out.params = chain.params;
    if (block->header.epoch > chain.validators.epoch()) {
        TRY_ASSIGN(const auto way, store.hand_over(block->header.epoch));
        if (!way) {
            return fail(damaged("the way into epoch " + std::to_string(block->header.epoch) +
                                " of height " + std::to_string(*height) + " is missing"));
        }
        out.validators = way->next.set;
        out.params = way->next.params;
    }
    TRY_ASSIGN(out.named, named_batches(store, chain, *height));
    Cutter cutter(out, chain.params.snapshot_chunk_bytes);
    TRY(copy.scan("", keys::end_of_state(), [&](ByteView key, ByteView value) {
        cutter.add(key, value);
        return true;
    }));
    cutter.cut();
    return out;
}

Result<Bytes, IoError> read_chunk(const KvReader& copy, const SnapshotManifest& manifest,
                                  std::size_t index) {
    const auto& name = manifest.chunks.at(index);
    SnapshotChunk chunk;
    TRY(copy.scan(name.first_key, keys::end_of_state(), [&](ByteView key, ByteView value) {
        chunk.records.emplace_back(Bytes(key), Bytes(value));
        return chunk.records.size() < name.records;
    }));
    auto bytes = consensus::encode(chunk);
    if (bytes.size() != name.bytes || chunk_hash(bytes) != name.hash) {
        return fail(damaged("chunk " + std::to_string(index) + " is not what it was"));
    }
    return bytes;
}

}  // namespace remit::node
