#pragma once

#include "node/seams/kv.h"
#include "node/snapshot/manifest.h"

namespace remit::node {

/// Lets go of blocks, batches, receipts and certificates up to this snapshot's height, and gives
/// their space back. The mark is durable first, so a crash leaves records that nobody reads and
/// that the next pruning takes. Batches that may be named above the height stay for one window.
/// May take long; beside everything else.
Status<IoError> prune_below(Kv& database, const SnapshotManifest& base);

}  // namespace remit::node
