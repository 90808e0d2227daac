#pragma once

#include <vector>

#include "consensus/codec.h"
#include "consensus/types.h"
#include "ledger/base/hash.h"
#include "ledger/base/time.h"

namespace remit::consensus {

/// What a header says of a batch: enough to judge it without holding it.
struct Entry {
    Hash digest;
    ValidatorIndex author = 0;
    Height expires_height = 0;
    std::uint32_t bytes = 0;  ///< of the encoded items

    friend bool operator==(const Entry&, const Entry&) = default;
    void write(Writer& writer) const;
    static Entry read(Reader& reader);
};

/// A batch that finalised blocks have named and that could be named again but for this: the
/// window against repetition, where the headers below a snapshot are not at hand.
struct NamedBatch {
    Height expires_height = 0;
    Hash digest;

    friend auto operator<=>(const NamedBatch&, const NamedBatch&) = default;
    void write(Writer& writer) const;
    static NamedBatch read(Reader& reader);
};

/// What executing the block at `height` gave (ExecMsg). Roots chain, so one result answers for all
/// heights below it.
struct ExecutionResult {
    Height height = 0;
    Hash block_digest;
    Hash state_root;
    Hash receipts_root;
    Hash snapshot_root;    ///< of the newest snapshot that is due (Params); zero: none yet
    Hash next_epoch_hash;  ///< of the description of the next epoch, if this result decided

    friend auto operator<=>(const ExecutionResult&, const ExecutionResult&) = default;
    void write(Writer& writer) const;
    static ExecutionResult read(Reader& reader);
};

namespace header_flag {
inline constexpr std::uint8_t epoch_last = 1;
inline constexpr std::uint8_t closing = 2;
}  // namespace header_flag

/// A block: it names its batches, it does not carry them.
struct Header {
    std::uint16_t version = 1;
    Epoch epoch = 0;
    View view = 0;
    Height height = 0;
    ValidatorIndex leader = 0;
    View parent_view = 0;
    Hash parent_digest;
    std::int64_t time_ms = 0;    ///< block time, ms since 1970 UTC
    std::vector<Entry> batches;  ///< executed in this order
    ExecutionResult exec;        ///< newest certified result below this block (N6)
    Hash params_hash;
    Hash leader_schedule_hash;
    std::uint8_t flags = 0;

    friend bool operator==(const Header&, const Header&) = default;
    [[nodiscard]] BlockTime time() const { return {time_ms}; }
    [[nodiscard]] bool is_epoch_last() const { return flags == header_flag::epoch_last; }
    [[nodiscard]] bool is_closing() const { return flags == header_flag::closing; }
    void write(Writer& writer) const;
    static Header read(Reader& reader);
    /// What votes and certificates sign: hash of the canonical bytes.
    [[nodiscard]] Hash digest() const;
};

/// Fields of the epoch root's block: view 0, height 0, the only block without a certificate.
struct GenesisFields {
    Hash chain_id;
    std::int64_t time_ms = 0;
    Hash state_root;     ///< of the genesis state
    Hash receipts_root;  ///< start of the receipts chain
    Hash params_hash;
    Hash leader_schedule_hash;
    Hash next_epoch_hash;  ///< of what the genesis state yields; zero: the first epoch never ends
};
Header genesis_header(const GenesisFields& fields);

}  // namespace remit::consensus
