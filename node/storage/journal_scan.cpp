#include "node/storage/journal_scan.h"

namespace remit::node::journal {

namespace {

IoError damage(const ScanContext& context, std::uint64_t offset, const std::string& why) {
    return {IoFailure::corrupt, "open vote journal", context.path,
            "offset " + std::to_string(offset) + ": " + why +
                "; this validator must not vote with it: restore the file or retire the key"};
}

/// True when a frame behind the bad bytes shows that they had been synced: a group begins only
/// after the one before it was synced.
bool synced_data_follows(const ScannedSegment& scanned, ByteView bytes) {
    auto offset = scanned.end + 1;
    while (offset + Frame::head_size < bytes.size()) {
        const auto zeros = bytes.find_first_not_of('\0', offset);
        if (zeros == ByteView::npos) {
            return false;
        }
        // A length below 2^24 begins with a zero byte: step back far enough to meet it.
        offset = std::max(offset, zeros < 3 ? zeros : zeros - 3);
        if (const auto frame = Frame::at(scanned.header, bytes, offset)) {
            const auto next = scanned.last_group + 1;
            if (frame->group > next || (frame->group == next && frame->index == 0)) {
                return true;
            }
            offset += frame->size();
        } else {
            ++offset;
        }
    }
    return false;
}

/// Of the group that a power cut or a killed process has torn something is missing: sectors, which
/// are zero still, or its end. Bad bytes without a gap were whole once and have rotted. (A record's
/// damaged length is not told from a gap.)
bool nothing_is_missing(std::uint64_t from, ByteView bytes) {
#ifdef SIM_BUG_rotten_end_cut
    return false;
#endif
    constexpr std::uint64_t sector = 512;  // is written as a whole, or not at all
    const auto end = bytes.find_last_not_of('\0') + 1;
    const auto length = Reader(bytes.substr(from)).u32();
    if (length == 0 || from + Frame::head_size + length > end) {
        return false;
    }
    for (auto at = from; at < end;) {
        const auto next = (at / sector + 1) * sector;
        if (bytes.find_first_not_of('\0', at) >= next) {
            return false;
        }
        at = next;
    }
    return true;
}

}  // namespace

Result<ScannedSegment, IoError> scan_segment(const SegmentHeader& header, ByteView bytes,
                                             const ScanContext& context) {
    ScannedSegment out;
    out.header = header;
    out.last_group = header.first_group - 1;
    std::uint32_t next_index = 0;
    while (const auto frame = Frame::at(header, bytes, out.end)) {
        const bool same = frame->group == out.last_group && frame->index == next_index;
        const bool next = frame->group == out.last_group + 1 && frame->index == 0;
        if (!same && !next) {
            return fail(damage(context, out.end, "a record out of order"));
        }
        out.last_group = frame->group;
        next_index = frame->index + 1;
        out.frames.push_back(*frame);
        out.end += frame->size();
    }
    out.torn = out.end < bytes.size() && bytes.find_first_not_of('\0', out.end) != ByteView::npos;
#ifdef SIM_BUG_rot_skipped
    return out;  // whatever lies behind the first bad byte: RocksDB's recovery mode 2
#endif
    if (context.last_segment && out.last_group < context.high_water_group) {
        return fail(damage(context, out.end,
                           "the journal ends below its high-water mark: an old copy, or records "
                           "were lost"));
    }
    if (out.torn && (!context.last_segment || synced_data_follows(out, bytes) ||
                     nothing_is_missing(out.end, bytes))) {
        return fail(damage(context, out.end, "a record does not match its checksum"));
    }
    return out;
}

}  // namespace remit::node::journal
