#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "consensus/types.h"

namespace remit::consensus {

/// Gauges and counters of one engine; counters start at zero with it. Plain numbers: the host
/// turns them into metrics.
struct Metrics {
    Epoch epoch = 0;
    Height epoch_end_height = 0;
    std::uint64_t validators = 0;  ///< of the epoch
    bool member = true;            ///< this node is one of them
    std::uint64_t epochs_entered = 0;
    View view = 0;
    View finalised_view = 0;
    std::uint64_t views_kept = 0;  ///< with votes or a proposal: open ones, and a few to come
    Height finalised_height = 0;
    Height committed_height = 0;  ///< handed to execution
    Height executed_height = 0;
    Height anchored_height = 0;           ///< newest result in the finalised chain
    std::uint64_t certificate_bytes = 0;  ///< of the newest Finalization
    std::uint64_t delta_ms = 0;
    std::uint64_t blocks_proposed = 0;
    std::uint64_t blocks_finalised = 0;
    std::uint64_t empty_blocks_finalised = 0;
    std::uint64_t views_nullified = 0;
    std::uint64_t timeouts_no_proposal = 0;     ///< own Nullify: t_L
    std::uint64_t timeouts_no_certificate = 0;  ///< own Nullify: t_A
    std::uint64_t timeouts_invalid = 0;         ///< own Nullify: provably invalid proposal
    std::uint64_t timeouts_skipped = 0;         ///< own Nullify: quiet leader
    std::uint64_t batches_held = 0;             ///< not yet named by a finalised block
    std::uint64_t batches_own = 0;              ///< of these, own: the author window in use
    std::uint64_t blocks_waiting = 0;           ///< final, not handed to execution yet
    std::uint64_t batch_bytes_waiting = 0;      ///< of batches that such blocks name
    std::uint64_t batches_fetched = 0;          ///< asked for by digest and received
    std::uint64_t authors_on_probation = 0;     ///< named here by certificate alone
    std::uint64_t items_refused = 0;
    std::uint64_t signatures_verified = 0;
    std::uint64_t messages_refused = 0;
    std::uint64_t requests_dropped = 0;    ///< of peers that ask more than their share
    std::uint64_t votes_shown_lost = 0;    ///< own votes that a peer showed and the journal lacked
    std::uint64_t signatures_missing = 0;  ///< the signer was away or refused
    bool voting = true;
    bool waits_for_peers = false;  ///< has not heard yet from enough peers what it signed before
    bool amnesiac = false;  ///< votes may be lost: asks where the others stand, votes nothing
};

/// What one engine sees of one validator of the epoch.
struct PeerMetrics {
    std::string name;
    std::uint64_t views_nullified = 0;          ///< of those it led, since the start
    std::optional<std::int64_t> round_trip_ms;  ///< the slowest of the newest
    /// Smoothed: from a view's first Notarize to this validator's.
    std::optional<std::int64_t> vote_lag_ms;
    std::uint64_t batches_held = 0;  ///< of its author window, as this node holds it
};

}  // namespace remit::consensus
