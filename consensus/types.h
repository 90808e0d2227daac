#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "ledger/base/consensus_params.h"

namespace remit::consensus {

using Epoch = std::uint64_t;   ///< of a validator set; the first is 1
using View = std::uint64_t;    ///< numbered per epoch; 0 is the epoch root's
using Height = std::uint64_t;  ///< counts blocks; 0 is genesis
/// Position in the epoch's validator set.
using ValidatorIndex = std::uint16_t;
/// The host's number of a peer: stable while the engine lives, whatever the sets are. In the first
/// epoch the numbers of the validators are their indexes.
using PeerNumber = std::uint16_t;

/// End height of an epoch that does not end.
inline constexpr Height never_ends = std::numeric_limits<Height>::max();

/// Monotonic milliseconds drive timers, wall milliseconds (since 1970 UTC) only block times. The
/// host reads both clocks once per step.
struct Now {
    std::int64_t mono_ms = 0;
    std::int64_t wall_ms = 0;
};

/// Hard limits of the decoder, above every legal value of the on-chain parameters.
namespace limits {
inline constexpr std::size_t validators = 64;
inline constexpr std::size_t name_bytes = 64;
inline constexpr std::size_t header_entries = ConsensusParams::block_batches_limit;
inline constexpr std::size_t batch_bytes = ConsensusParams::batch_bytes_limit;
inline constexpr std::size_t batch_items = 65536;
inline constexpr std::size_t skipped_views = 16;  // nullifications in a justification
inline constexpr std::size_t answer_certificates = 64;
inline constexpr std::size_t answer_headers = 64;
inline constexpr std::size_t answer_blocks = 256;
inline constexpr std::size_t answer_votes = 3;  // one of each kind
inline constexpr std::size_t request_batches = 16;
inline constexpr std::size_t offer_entries = 256;
inline constexpr std::size_t closing_headers = 1024;               // of one hand-over
inline constexpr std::size_t host_bytes = std::size_t{64} * 1024;  // of an epoch's description
inline constexpr std::size_t forwarded_items = 256;
inline constexpr std::size_t snapshot_chunk_bytes = ConsensusParams::snapshot_chunk_bytes_limit;
inline constexpr std::size_t snapshot_chunk_bytes_min = ConsensusParams::snapshot_chunk_bytes_least;
inline constexpr std::size_t snapshot_manifest_bytes = std::size_t{7} * 1024 * 1024;
inline constexpr std::size_t message_bytes = std::size_t{8} * 1024 * 1024;
}  // namespace limits

}  // namespace remit::consensus
