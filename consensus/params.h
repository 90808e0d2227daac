#pragma once

#include "consensus/codec.h"
#include "consensus/types.h"
#include "ledger/base/hash.h"

namespace remit::consensus {

/// Consensus-critical parameters. They live on the ledger, never in a local file; a header carries
/// their hash, so nodes that differ never vote together.
struct Params {
    std::uint16_t protocol_version = 1;
    std::uint32_t delta_ms_min = 50;  ///< bounds of Delta, the assumed one-way delay
    std::uint32_t delta_ms_max = 2000;
    std::uint32_t skew_ms = 1000;        ///< block time at most this far ahead of a voter's clock
    std::uint32_t expiry_window = 1024;  ///< W: heights a batch may live, and the dedup window
    std::uint32_t lag_max = 16;          ///< MAX_LAG: blocks ordered above the executed one (N7)
    std::uint32_t author_window = 64;    ///< batches of one author held and not yet finalised
    std::uint32_t batch_bytes_max = std::uint32_t{256} * 1024;
    std::uint32_t inline_bytes_max = std::uint32_t{64} * 1024;  ///< own batch inside a proposal
    std::uint32_t block_batches_max = 256;
    std::uint32_t block_bytes_max = std::uint32_t{1024} * 1024;
    std::uint32_t seal_delay_ms = 4;      ///< after the first item, unless idle
    std::uint32_t skip_window_ms = 1000;  ///< a leader unheard for so long is skipped at once
    std::uint32_t resend_ms = 2000;       ///< t_R
    /// S: a snapshot of the state every so many heights; 0: none are made, and the canonical bytes
    /// end before these three fields.
    std::uint32_t snapshot_interval = 0;
    std::uint32_t snapshot_delay = 0;        ///< D: results from kS+D on name snapshot kS
    std::uint32_t snapshot_chunk_bytes = 0;  ///< a chunk ends with the record that reaches it

    friend bool operator==(const Params&, const Params&) = default;
    void write(Writer& writer) const;
    static Params read(Reader& reader);
    [[nodiscard]] Hash hash() const;
    /// Within the decoder's limits and not contradicting each other: checked at genesis.
    [[nodiscard]] bool acceptable() const;
    /// The height of the snapshot whose root the result of `height` carries; 0: of none.
    [[nodiscard]] Height snapshot_named_at(Height height) const;

private:
    [[nodiscard]] bool snapshots_acceptable() const;
};

}  // namespace remit::consensus
