#pragma once

#include <optional>

#include "ledger/base/codec.h"

/// Bytes of the vote journal's files (docs/reference/journal.md).
namespace remit::node::journal {

/// First bytes of a segment: "remitjnl" | version u32 | salt u32 | number u64 | first group u64 |
/// CRC-32C u32 of all that. Records start at `records_start`, the rest between is zero.
struct SegmentHeader {
    static constexpr std::uint64_t records_start = 64;
    std::uint32_t salt = 0;  ///< random: old bytes in a file never pass for records of this segment
    std::uint64_t number = 0;
    std::uint64_t first_group = 0;

    [[nodiscard]] Bytes encode() const;
    static std::optional<SegmentHeader> decode(ByteView bytes);
};

enum class FrameType : std::uint8_t { record = 1, batch = 2 };

/// length u32 | CRC-32C u32 | group u64 | index u32 | type u8 | payload.
struct Frame {
    static constexpr std::size_t head_size = 21;
    std::uint64_t group = 0;
    std::uint32_t index = 0;  ///< of the record in its group
    FrameType type = FrameType::record;
    ByteView payload;

    [[nodiscard]] std::size_t size() const { return head_size + payload.size(); }
    /// The bytes in front of the payload, for a frame at `offset` of its segment.
    [[nodiscard]] Bytes head(const SegmentHeader& segment, std::uint64_t offset) const;
    /// The frame at `offset` of a segment's bytes, if one is there and whole.
    static std::optional<Frame> at(const SegmentHeader& segment, ByteView bytes,
                                   std::uint64_t offset);
};

/// The mark that an old or lost copy of the journal does not reach:
/// version u32 | boot counter u64 | segment u64 | group u64 | durable height u64 | end u64 |
/// votes lost u8 | CRC-32C u32. Version 1 has neither end nor votes lost.
struct HighWater {
    std::uint64_t boot_counter = 0;
    std::uint64_t segment = 0;  ///< newest one in use
    std::uint64_t group = 0;    ///< newest one known to be synced
    std::uint64_t durable_height = 0;
    std::uint64_t end = 0;    ///< behind that group's last record in `segment`; 0: version 1
    bool votes_lost = false;  ///< an earlier journal was given up, its votes may lie anywhere

    [[nodiscard]] Bytes encode() const;
    static std::optional<HighWater> decode(ByteView bytes);
};

}  // namespace remit::node::journal
