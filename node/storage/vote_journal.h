#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "consensus/journal_record.h"
#include "node/seams/disk.h"
#include "node/seams/random.h"
#include "node/storage/journal_format.h"
#include "node/storage/journal_scan.h"

namespace remit::node {

struct VoteJournalConfig {
    std::string folder;
    std::uint64_t segment_bytes = std::uint64_t{32} * 1024 * 1024;
};

/// What an open journal found on the disk.
struct VoteJournalContents {
    std::vector<consensus::JournalRecord> records;  ///< oldest first
    std::vector<consensus::BatchHandle> batches;    ///< not dropped, oldest first
    std::uint64_t boot_counter = 0;                 ///< starts of this validator, this one too
    consensus::Height durable_height = 0;           ///< of the high-water file
    /// An earlier journal was given up, or a `votes_lost` record is in this one, and no `resume`
    /// record was synced since.
    bool votes_lost = false;
};

/// The append-only log of votes, headers, certificates and held batches: what must be on the disk
/// before anything that rests on it is sent. docs/reference/journal.md is its format.
///
/// Segments of fixed size are preallocated, their creation made durable by a folder sync. A record
/// is: length u32, CRC-32C u32, group u64, index u32, type u8, payload; the checksum covers the
/// segment's salt and number, the record's place, and all of the record. Records written between
/// two syncs are a group.
///
/// At open a torn last group is legal and cut off, as nothing was sent on it. Anything else that
/// does not check is damage of synced bytes: refused, naming file and offset. The high-water file
/// tells an old or lost copy of the journal from a sound one.
///
/// Errors of `append`, `sync` and `prune` leave the journal unusable: the process must end.
/// One thread.
class VoteJournal {
public:
    struct Opened;
    /// Opens or, in an empty folder, creates. `may_create` is false when the database already
    /// holds blocks: then a missing journal is amnesia, and refused.
    static Result<Opened, IoError> open(Disk& disk, Random& random, VoteJournalConfig config,
                                        bool may_create);
    /// Gives up a journal that `open` found damaged, old or lost: its files are renamed to
    /// `lost-N-...` and an empty one begins, marked `votes_lost` before anything else happens.
    static Result<Opened, IoError> begin_anew(Disk& disk, Random& random, VoteJournalConfig config);
    ~VoteJournal();
    VoteJournal(const VoteJournal&) = delete;
    VoteJournal& operator=(const VoteJournal&) = delete;

    /// Writes the records and batches behind the last ones: one pwritev. Not durable yet.
    Status<IoError> append(const std::vector<consensus::JournalRecord>& records,
                           const std::vector<consensus::BatchHandle>& batches);
    /// Makes all that was appended durable: one fdatasync. Nothing to do when nothing was.
    Status<IoError> sync();

    /// Syncs and raises the high-water mark: an orderly end.
    Status<IoError> close();

    /// This batch will not be asked of the journal any more: it expired unnamed, or a durable
    /// checkpoint holds it.
    void release_batch(const Hash& digest);
    /// Raises the high-water mark to `durable_height` and removes the leading segments in which
    /// every record is below that view of that epoch and every batch is released.
    Status<IoError> prune(consensus::Epoch epoch, consensus::View view,
                          consensus::Height durable_height);

    /// The database is gone and grows again from nothing. The journal let go of the votes below the
    /// newest durable block, and only the database knew where that was: a view that this validator
    /// nullified could be shown to it as notarized, and it would finalise there. So its votes count
    /// as lost from here on, durably, and no height as durable: the next start finds some of the
    /// new database, which is no old copy.
    Status<IoError> lose_database(VoteJournalContents& contents);

    [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
    [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
    [[nodiscard]] std::size_t segments() const { return segments_.size(); }

private:
    struct Segment {
        journal::SegmentHeader header;
        /// Newest of its records: epoch, then view.
        std::pair<consensus::Epoch, consensus::View> newest{};
        std::set<Hash> batches;                                     ///< not released
        std::uint64_t end = journal::SegmentHeader::records_start;  ///< of the last record
        std::uint64_t size = 0;

        /// That votes are lost may be of no view yet, and the mark remembers it anyway.
        void note(const consensus::JournalRecord& record) {
            if (record.type != consensus::RecordType::votes_lost) {
                newest = std::max(newest, {record.epoch, record.view});
            }
        }
    };

    VoteJournal(Disk& disk, Random& random, VoteJournalConfig config);
    Status<IoError> recover(const std::vector<std::uint64_t>& numbers,
                            const journal::HighWater& mark, VoteJournalContents& contents);
    Status<IoError> recover_segment(std::uint64_t number, bool last, const journal::HighWater& mark,
                                    VoteJournalContents& contents);
    Status<IoError> write_last_group(const journal::ScannedSegment& scanned, ByteView bytes);
    Status<IoError> cut(const std::string& path, std::uint64_t from, ByteView bytes);
    Status<IoError> write_payloads(const std::vector<std::pair<journal::FrameType, Bytes>>& all);
    Status<IoError> add_segment(std::uint64_t bytes_needed);
    Status<IoError> write_high_water();
    [[nodiscard]] std::string path_of(std::uint64_t number) const;

    Disk& disk_;
    Random& random_;
    VoteJournalConfig config_;
    std::deque<Segment> segments_;
    std::unique_ptr<File> file_;  // of the last segment
    bool unsynced_ = false;
    std::uint64_t synced_end_ = 0;  // of the last segment
    std::uint64_t group_ = 1;
    std::uint32_t index_ = 0;
    std::uint64_t boot_counter_ = 0;
    consensus::Height durable_height_ = 0;
    bool votes_lost_ = false;
    bool settled_ = false;  // a `resume` record was appended
    std::uint64_t syncs_ = 0;
    std::uint64_t bytes_written_ = 0;
};

struct VoteJournal::Opened {
    std::unique_ptr<VoteJournal> journal;
    VoteJournalContents contents;
};

}  // namespace remit::node
