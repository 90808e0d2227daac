#pragma once

#include <vector>

#include "node/seams/disk.h"
#include "node/storage/journal_format.h"

namespace remit::node::journal {

/// Everything sound in one segment.
struct ScannedSegment {
    SegmentHeader header;
    std::vector<Frame> frames;                         ///< point into the scanned bytes
    std::uint64_t end = SegmentHeader::records_start;  ///< behind the last sound frame
    std::uint64_t last_group = 0;  ///< of the last sound frame, or the one before the first
    bool torn = false;             ///< something that is no frame follows `end`
};

/// How the bytes behind the last sound frame are to be judged.
struct ScanContext {
    std::string path;  ///< for the error
    bool last_segment = false;
    std::uint64_t high_water_group = 0;
};

/// Reads a segment. A torn last group is legal: writes of one group reach the disk in any order,
/// and nothing was sent on it. Damage of bytes that were synced is an error (corrupt): bad bytes
/// before a later group, in a segment that is not the last, or at or below the high-water mark; and
/// of the last group, where nothing of it is missing.
Result<ScannedSegment, IoError> scan_segment(const SegmentHeader& header, ByteView bytes,
                                             const ScanContext& context);

}  // namespace remit::node::journal
