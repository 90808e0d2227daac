#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "consensus/messages.h"
#include "consensus/params.h"
#include "consensus/validator_set.h"

namespace remit::domain {
inline constexpr Domain snapshot{"remit.snapshot"};     // manifest -> snapshot_root
inline constexpr Domain snapshot_chunk{"remit.chunk"};  // chunk of state records
}  // namespace remit::domain

namespace remit::node {

/// What a manifest says of one chunk: enough to check it alone.
struct ChunkName {
    Hash hash;                  ///< chunk_hash of its bytes
    std::uint32_t bytes = 0;    ///< of its encoding
    std::uint32_t records = 0;  ///< 1 or more
    Bytes first_key;

    friend bool operator==(const ChunkName&, const ChunkName&) = default;
    void write(Writer& writer) const;
    static ChunkName read(Reader& reader);
};

/// Everything a node needs to go on from a height without the blocks below it: the names of the
/// state's chunks, and what consensus rests on. The same bytes at every honest node; the hash of
/// them is the `snapshot_root` that executors sign. docs/reference/encoding.md has the format.
struct SnapshotManifest {
    static constexpr std::uint16_t format = 1;
    static constexpr std::size_t chunks_max = 65'536;
    static constexpr std::size_t names_max = 1'048'576;

    Hash chain_id;
    consensus::Header header;           ///< of the block at the snapshot's height
    consensus::ExecutionResult result;  ///< of that block
    Hash previous_receipts_root;
    std::optional<std::int64_t> wake_at_ms;  ///< the ledger's next due time after that block
    consensus::ValidatorSet validators;
    consensus::Params params;
    std::vector<consensus::NamedBatch> named;  ///< may not be named again; ascending
    std::uint64_t records = 0;                 ///< in all chunks
    std::vector<ChunkName> chunks;             ///< in key order

    [[nodiscard]] consensus::Height height() const { return header.height; }
    void write(Writer& writer) const;
    /// Refuses what contradicts itself: header, result, parameters, order of names and chunks.
    static SnapshotManifest read(Reader& reader);
    [[nodiscard]] Hash root() const;
};

/// A run of state records in key order.
struct SnapshotChunk {
    static constexpr std::size_t key_bytes_max = 1024;

    std::vector<std::pair<Bytes, Bytes>> records;

    void write(Writer& writer) const;
    /// Refuses an empty run, keys out of order, and keys that are none of the ledger's state.
    static SnapshotChunk read(Reader& reader);
};

Hash snapshot_root_of(ByteView manifest);
Hash chunk_hash(ByteView chunk);

/// Whether these bytes are the chunk that the manifest names at `index`: size, hash, records.
std::optional<SnapshotChunk> checked_chunk(const SnapshotManifest& manifest, std::size_t index,
                                           ByteView bytes);

}  // namespace remit::node
