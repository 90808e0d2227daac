#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace remit::node {

/// Why what peers gave is no snapshot to join from. The numbers stand in logs, metrics and
/// docs/reference/node-errors.md; they are never used again.
enum class SnapshotFlaw : std::uint16_t {
    bad_manifest = 1211,          ///< no manifest, or one that contradicts itself
    uncertified_manifest = 1212,  ///< no quorum signed its root, or of another chain
    bad_chunk = 1213,             ///< not what its manifest names
    not_installable = 1214,       ///< what was gathered does not have the state that was signed
};

std::string_view name_of(SnapshotFlaw flaw);
/// `1213 bad_chunk`, for logs.
std::string text_of(SnapshotFlaw flaw);

/// What became of snapshots at this node since its start.
struct SnapshotCounts {
    std::uint64_t made = 0;
    std::uint64_t chunks_served = 0;
    std::uint64_t bytes_served = 0;  ///< of chunks and manifests
    std::uint64_t chunks_fetched = 0;
    std::uint64_t bytes_fetched = 0;
    std::map<SnapshotFlaw, std::uint64_t> failed;
    std::optional<std::size_t> chunks_missing;  ///< none: nothing is being gathered
};

}  // namespace remit::node
