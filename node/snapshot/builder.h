#pragma once

#include "node/seams/kv.h"
#include "node/snapshot/manifest.h"
#include "node/storage/chain.h"

namespace remit::node {

/// The manifest of the state that a database holds at its newest executed block. The same at
/// every node, whatever is pruned below. Errors: what the database says, or that it is damaged.
Result<SnapshotManifest, IoError> build_manifest(const KvReader& copy, const Chain& chain);

/// The bytes of a chunk, out of the database that the manifest was built from, checked against it.
/// Errors: corrupt when the records are not the manifest's any more.
Result<Bytes, IoError> read_chunk(const KvReader& copy, const SnapshotManifest& manifest,
                                  std::size_t index);

}  // namespace remit::node
