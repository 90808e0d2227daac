#include "node/storage/vote_journal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace remit::node {

namespace {

using journal::Frame;
using journal::FrameType;
using journal::HighWater;
using journal::SegmentHeader;

constexpr std::string_view high_water_name = "high_water";
constexpr std::string_view segment_prefix = "segment-";
constexpr std::string_view segment_suffix = ".journal";

IoError amnesia(const std::string& folder, std::string why) {
    return {IoFailure::corrupt, "open vote journal", folder,
            std::move(why) +
                "; votes may have been sent that this copy does not hold, so this validator must "
                "not vote: bring the right files back or retire the key"};
}

/// Numbers of the segment files in the folder, rising.
Result<std::vector<std::uint64_t>, IoError> segment_numbers(Disk& disk, const std::string& folder) {
    TRY_ASSIGN(const auto names, disk.list(folder));
    std::vector<std::uint64_t> out;
    for (const auto& name : names) {
        if (!name.starts_with(segment_prefix) || !name.ends_with(segment_suffix)) {
            continue;
        }
        std::uint64_t number = 0;
        const auto* first = name.data() + segment_prefix.size();
        const auto* last = name.data() + name.size() - segment_suffix.size();
        const auto [end, code] = std::from_chars(first, last, number);
        if (code == std::errc() && end == last) {
            out.push_back(number);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

VoteJournal::VoteJournal(Disk& disk, Random& random, VoteJournalConfig config)
    : disk_(disk), random_(random), config_(std::move(config)) {}
VoteJournal::~VoteJournal() = default;

std::string VoteJournal::path_of(std::uint64_t number) const {
    std::array<char, 24> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llu", static_cast<unsigned long long>(number));
    return config_.folder + "/" + std::string(segment_prefix) + digits.data() +
           std::string(segment_suffix);
}

Result<VoteJournal::Opened, IoError> VoteJournal::open(Disk& disk, Random& random,
                                                       VoteJournalConfig config, bool may_create) {
    Opened out;
    TRY(disk.make_folder(config.folder));
    out.journal.reset(new VoteJournal(disk, random, config));
    auto& journal = *out.journal;
    TRY_ASSIGN(const auto numbers, segment_numbers(disk, config.folder));
    const auto mark_path = config.folder + "/" + std::string(high_water_name);
    HighWater mark;
    if (disk.exists(mark_path)) {
        TRY_ASSIGN(const auto bytes, read_file(disk, mark_path));
        const auto found = HighWater::decode(bytes);
        if (!found) {
            return fail(amnesia(mark_path, "the high-water file is damaged"));
        }
        mark = *found;
    } else if (!numbers.empty() || !may_create) {
        return fail(amnesia(mark_path, "the high-water file is missing"));
    }
    if (mark.votes_lost && mark.segment == 0 && !numbers.empty()) {
        return begin_anew(disk, random, std::move(config));  // it was interrupted
    }
    journal.boot_counter_ = mark.boot_counter + 1;
    journal.durable_height_ = mark.durable_height;
    journal.votes_lost_ = mark.votes_lost;
    TRY(journal.recover(numbers, mark, out.contents));
    TRY(journal.write_high_water());
    if (!journal.file_) {
        TRY(journal.add_segment(0));
    }
    out.contents.boot_counter = journal.boot_counter_;
    out.contents.durable_height = journal.durable_height_;
    out.contents.votes_lost = journal.votes_lost_;
    return out;
}

Result<VoteJournal::Opened, IoError> VoteJournal::begin_anew(Disk& disk, Random& random,
                                                             VoteJournalConfig config) {
    TRY_ASSIGN(const auto names, disk.list(config.folder));
    const auto mark_path = config.folder + "/" + std::string(high_water_name);
    HighWater mark;
    if (disk.exists(mark_path)) {
        TRY_ASSIGN(const auto bytes, read_file(disk, mark_path));
        mark = HighWater::decode(bytes).value_or(HighWater());
    }
    // First of all: whatever happens from here on, this folder is never taken for a sound one.
    mark.segment = 0;
    mark.group = 0;
    mark.end = 0;
    mark.votes_lost = true;
    TRY(replace_file(disk, mark_path, mark.encode()));
    const auto prefix = config.folder + "/lost-" + std::to_string(mark.boot_counter + 1) + "-";
    for (const auto& name : names) {
        if (name.starts_with(segment_prefix)) {
            TRY(disk.rename(config.folder + "/" + name, prefix + name));
        }
    }
    TRY(disk.sync_folder(config.folder));
    return open(disk, random, std::move(config), false);
}

Status<IoError> VoteJournal::recover(const std::vector<std::uint64_t>& numbers,
                                     const HighWater& mark, VoteJournalContents& contents) {
    if (numbers.empty()) {
        if (mark.segment > 0) {
            return fail(amnesia(config_.folder, "the journal's segments are gone"));
        }
        return {};
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0 && numbers[i] != numbers[i - 1] + 1) {
            return fail(amnesia(path_of(numbers[i - 1] + 1), "a segment is missing"));
        }
        TRY(recover_segment(numbers[i], i + 1 == numbers.size(), mark, contents));
    }
    if (numbers.back() < mark.segment) {
        return fail(amnesia(path_of(mark.segment), "the newest segment is missing"));
    }
    return {};
}

Status<IoError> VoteJournal::recover_segment(std::uint64_t number, bool last, const HighWater& mark,
                                             VoteJournalContents& contents) {
    const auto path = path_of(number);
    TRY_ASSIGN(const auto bytes, read_file(disk_, path));
    const auto header = SegmentHeader::decode(bytes);
    if (!header || header->number != number) {
        if (last && number > mark.segment) {
            // Power went while it was being made; nothing was ever written to it.
            TRY(disk_.remove(path));
            return disk_.sync_folder(config_.folder);
        }
        return fail(amnesia(path, "the segment's first bytes are damaged"));
    }
    TRY_ASSIGN(
        const auto scanned,
        journal::scan_segment(*header, bytes, {path, last && number >= mark.segment, mark.group}));
#ifndef SIM_BUG_rot_skipped
    if (number == mark.segment && scanned.end < mark.end) {
        return fail(amnesia(path,
                            "the journal ends below its high-water mark: an old copy, or "
                            "records were lost"));
    }
#endif
    Segment segment;
    segment.header = *header;
    segment.end = synced_end_ = scanned.end;
    segment.size = bytes.size();
    for (const auto& frame : scanned.frames) {
        if (frame.type == FrameType::batch) {
            auto batch = consensus::decode<consensus::Batch>(frame.payload);
            if (!batch) {
                return fail(amnesia(path, "a batch in it cannot be read"));
            }
            if (segment.batches.insert(batch->digest()).second) {
                contents.batches.push_back(
                    std::make_shared<const consensus::Batch>(std::move(*batch)));
            }
            continue;
        }
        auto record = consensus::decode<consensus::JournalRecord>(frame.payload);
        if (!record) {
            return fail(amnesia(path, "a record in it cannot be read"));
        }
        segment.note(*record);
        // The newest word holds; the mark stands for those whose segments are gone.
        votes_lost_ = record->type == consensus::RecordType::votes_lost ||
                      (votes_lost_ && record->type != consensus::RecordType::resume);
        contents.records.push_back(std::move(*record));
    }
    group_ = scanned.last_group + 1;
    if (last) {
        if (scanned.torn) {
            TRY(cut(path, scanned.end, bytes));
        }
        TRY_ASSIGN(file_, disk_.open(path, OpenMode::write));
        // A killed process may have left its last group in the file cache alone. It counts as
        // found from here on: its votes are sent again and the high-water mark covers it.
#ifndef SIM_BUG_failed_sync_trusted
        TRY(write_last_group(scanned, bytes));
#endif
        TRY(file_->sync());
    }
    segments_.push_back(std::move(segment));
    return {};
}

/// A sync that failed left the group's pages in the file cache as if they were clean, and the next
/// one would skip them: only bytes that are written again reach the medium.
Status<IoError> VoteJournal::write_last_group(const journal::ScannedSegment& scanned,
                                              ByteView bytes) {
    std::uint64_t from = 0;  // without records: the segment's head
    std::uint64_t at = SegmentHeader::records_start;
    for (const auto& frame : scanned.frames) {
        from = frame.index == 0 ? at : from;
        at += frame.size();
    }
    return file_->write(from, {bytes.substr(from, scanned.end - from)});
}

Status<IoError> VoteJournal::cut(const std::string& path, std::uint64_t from, ByteView bytes) {
    const auto last = bytes.find_last_not_of('\0');
    TRY_ASSIGN(const auto file, disk_.open(path, OpenMode::write));
    const Bytes zeros(last + 1 - from, '\0');
    TRY(file->write(from, {zeros}));
    return file->sync();
}

Status<IoError> VoteJournal::append(const std::vector<consensus::JournalRecord>& records,
                                    const std::vector<consensus::BatchHandle>& batches) {
    if (records.empty() && batches.empty()) {
        return {};
    }
    std::vector<std::pair<FrameType, Bytes>> payloads;
    std::uint64_t bytes = 0;
    for (const auto& batch : batches) {
        payloads.emplace_back(FrameType::batch, consensus::encode(*batch));
    }
    for (const auto& record : records) {
        payloads.emplace_back(FrameType::record, consensus::encode(record));
    }
    for (const auto& [type, payload] : payloads) {
        bytes += Frame::head_size + payload.size();
    }
    if (segments_.empty() || segments_.back().end + bytes > segments_.back().size) {
        TRY(add_segment(bytes));
    }
    auto& segment = segments_.back();
    for (const auto& batch : batches) {
        segment.batches.insert(batch->digest());
    }
    for (const auto& record : records) {
        segment.note(record);
        if (record.type == consensus::RecordType::votes_lost) {
            votes_lost_ = true;
            settled_ = false;
        }
        settled_ = settled_ || record.type == consensus::RecordType::resume;
    }
    return write_payloads(payloads);
}

Status<IoError> VoteJournal::write_payloads(const std::vector<std::pair<FrameType, Bytes>>& all) {
    auto& segment = segments_.back();
    auto offset = segment.end;
    std::vector<Bytes> heads;
    heads.reserve(all.size());
    std::vector<ByteView> parts;
    for (const auto& [type, payload] : all) {
        const Frame frame{group_, index_++, type, payload};
        heads.push_back(frame.head(segment.header, offset));
        parts.push_back(heads.back());
        parts.push_back(payload);
        offset += frame.size();
    }
    unsynced_ = true;
    TRY(file_->write(segment.end, parts));
    bytes_written_ += offset - segment.end;
    segment.end = offset;
    return {};
}

Status<IoError> VoteJournal::sync() {
    if (!unsynced_) {
        return {};
    }
#ifndef SIM_BUG_fsync_dropped
    TRY(file_->sync());
#endif
    unsynced_ = false;
    votes_lost_ = votes_lost_ && !settled_;
    synced_end_ = segments_.back().end;
    ++group_;
    index_ = 0;
    ++syncs_;
    return {};
}

Status<IoError> VoteJournal::close() {
    TRY(sync());
    return write_high_water();
}

Status<IoError> VoteJournal::add_segment(std::uint64_t bytes_needed) {
    TRY(sync());
    Segment segment;
    segment.header.number = segments_.empty() ? 1 : segments_.back().header.number + 1;
    segment.header.first_group = group_;
    random_.fill(reinterpret_cast<std::uint8_t*>(&segment.header.salt),  // NOLINT
                 sizeof segment.header.salt);
    segment.size = std::max(config_.segment_bytes, SegmentHeader::records_start + bytes_needed);
    const auto path = path_of(segment.header.number);
    TRY_ASSIGN(file_, disk_.open(path, OpenMode::create_new));
    TRY(file_->preallocate(segment.size));
    TRY(file_->write(0, {segment.header.encode()}));
    TRY(file_->sync());
    TRY(disk_.sync_folder(config_.folder));
    segments_.push_back(std::move(segment));
    synced_end_ = SegmentHeader::records_start;
    return write_high_water();
}

Status<IoError> VoteJournal::write_high_water() {
    HighWater mark;
    mark.boot_counter = boot_counter_;
    mark.segment = segments_.empty() ? 0 : segments_.back().header.number;
    mark.group = group_ - 1;
    mark.durable_height = durable_height_;
    mark.votes_lost = votes_lost_;
    mark.end = synced_end_;
    return replace_file(disk_, config_.folder + "/" + std::string(high_water_name), mark.encode());
}

void VoteJournal::release_batch(const Hash& digest) {
    for (auto& segment : segments_) {
        segment.batches.erase(digest);
    }
}

Status<IoError> VoteJournal::lose_database(VoteJournalContents& contents) {
    std::pair<consensus::Epoch, consensus::View> newest{1, 0};
    for (const auto& record : contents.records) {
        newest = std::max(newest, {record.epoch, record.view});
    }
    const auto record = consensus::votes_lost_record(newest.first, newest.second);
    TRY(append({record}, {}));
    TRY(sync());
    contents.records.push_back(record);
    contents.votes_lost = true;
    durable_height_ = 0;
    return write_high_water();
}

Status<IoError> VoteJournal::prune(consensus::Epoch epoch, consensus::View view,
                                   consensus::Height durable_height) {
    durable_height_ = std::max(durable_height_, durable_height);
    TRY(write_high_water());
    bool removed = false;
    while (segments_.size() > 1 && segments_.front().newest < std::pair(epoch, view) &&
           segments_.front().batches.empty()) {
        TRY(disk_.remove(path_of(segments_.front().header.number)));
        segments_.pop_front();
        removed = true;
    }
    if (removed) {
        TRY(disk_.sync_folder(config_.folder));
    }
    return {};
}

}  // namespace remit::node
