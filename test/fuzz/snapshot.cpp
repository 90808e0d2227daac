// Manifests and chunks of snapshots: what a peer sends before anything of it is believed.
#include "node/snapshot/manifest.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

using node::SnapshotChunk;
using node::SnapshotManifest;

void manifest(ByteView bytes) {
    const auto read = consensus::decode<SnapshotManifest>(bytes);
    if (!read) {
        return;
    }
    require(consensus::encode(*read) == bytes, "a manifest has one encoding");
    require(read->root() == node::snapshot_root_of(bytes), "the root is of the bytes");
    require(read->result.block_digest == read->header.digest(), "it names its own block");
    std::uint64_t records = 0;
    for (const auto& chunk : read->chunks) {
        records += chunk.records;
        require(chunk.bytes <= consensus::limits::snapshot_chunk_bytes, "chunks are bounded");
    }
    require(records == read->records, "the chunks hold the records");
    for (std::size_t i = 0; i <= read->chunks.size() && i < 4; ++i) {
        require(!node::checked_chunk(*read, i, bytes), "a manifest is no chunk");
    }
}

/// A chunk counts where a manifest names it, and nowhere else.
void chunk(ByteView bytes) {
    const auto read = consensus::decode<SnapshotChunk>(bytes);
    if (!read) {
        return;
    }
    require(consensus::encode(*read) == bytes, "a chunk has one encoding");
    require(!read->records.empty(), "a chunk is not empty");
    for (std::size_t i = 1; i < read->records.size(); ++i) {
        require(read->records[i - 1].first < read->records[i].first, "keys ascend");
    }
    SnapshotManifest named;
    named.chunks.push_back({node::chunk_hash(bytes), static_cast<std::uint32_t>(bytes.size()),
                            static_cast<std::uint32_t>(read->records.size()),
                            read->records.front().first});
    require(node::checked_chunk(named, 0, bytes).has_value(), "what is named is taken");
    auto changed = Bytes(bytes);
    changed.back() = static_cast<char>(changed.back() ^ 1);
    require(!node::checked_chunk(named, 0, changed), "what is changed is not");
    ++named.chunks[0].records;
    require(!node::checked_chunk(named, 0, bytes), "the number of records counts");
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::Input input(data, size);
    input.flag() ? remit::fuzz::manifest(input.rest()) : remit::fuzz::chunk(input.rest());
    return 0;
}
