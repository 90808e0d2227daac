#include <algorithm>
#include <iterator>

#include "node/storage/journal_scan.h"
#include "test/sim/oracle.h"
#include "test/sim/simulated_node.h"

// What happens to a machine's disk, and what process and operator make of it.

namespace remit::sim {

namespace {
const std::string journal_folder = "journal";
constexpr std::uint64_t length_size = 4;  // of a record's length
constexpr std::uint64_t head_size = 36;   // of a segment; the rest up to the first record is zero

/// Where a segment's records lie.
struct RecordBytes {
    std::uint64_t covered = 0;  // damage below is told from a torn end for certain
    std::uint64_t newest = 0;   // where the newest group begins
    std::uint64_t end = 0;
    std::vector<std::uint64_t> starts;
};

/// Of the last two groups the newer one may not be synced, so damage of them may look like a torn
/// end: only what the high-water file says to be synced is certain there.
RecordBytes record_bytes(const node::journal::SegmentHeader& header, ByteView bytes,
                         const std::optional<node::journal::HighWater>& mark) {
    RecordBytes out{.covered = node::journal::SegmentHeader::records_start,
                    .newest = node::journal::SegmentHeader::records_start,
                    .end = node::journal::SegmentHeader::records_start,
                    .starts = {}};
    std::vector<std::uint64_t> group_starts;
    while (const auto frame = node::journal::Frame::at(header, bytes, out.end)) {
        if (frame->index == 0) {
            group_starts.push_back(out.end);
            out.newest = out.end;
        }
        out.starts.push_back(out.end);
        out.end += frame->size();
    }
    constexpr std::size_t open_groups = 2;
    if (group_starts.size() > open_groups) {
        out.covered = group_starts[group_starts.size() - open_groups];
    }
    if (mark && mark->segment == header.number) {
        out.covered = std::min(std::max(out.covered, mark->end), out.end);
    } else if (mark && mark->segment > header.number) {
        out.covered = out.end;
    }
    return out;
}
}  // namespace

void SimulatedNode::rot(Dice& dice) {
    enum Place : std::uint64_t { segment, mark, record, file, places };
    const auto place = dice.below(places);
    const DiskTrouble::Operator nobody_else(trouble_);
    const auto hit_before = open_groups_rotten_;
    if (place == segment || place == mark) {
        rot_journal(place == mark, dice);
    } else if (place == file) {
        rot_snapshot(dice);
    } else {
        rot_record(paths_.database, dice);
    }
    // A process that runs reads its journal no more, and what it writes next shows what was whole:
    // often it starts again, and always where nothing is written behind.
    const bool at_the_end = open_groups_rotten_ > hit_before;
    if (up() && (at_the_end || dice.chance(500'000))) {
        crash(false);
    }
}

void SimulatedNode::rot_journal(bool mark, Dice& dice) {
    std::vector<std::string> files;
    for (const auto& path : disk_.paths()) {
        if (path.starts_with(journal_folder + (mark ? "/high_water" : "/segment-")) &&
            !path.ends_with(".new")) {
            files.push_back(path);
        }
    }
    if (files.empty()) {
        return;
    }
    const auto& path = files[dice.below(files.size())];
    if (mark) {
        const auto at = dice.below(disk_.bytes(path).size());
        flip(path, at, dice);
        rotten_journal_[path] = {at, disk_.bytes(path)[at], disk_.bytes(path), Bytes()};
    } else {
        rot_segment(path, dice);
    }
}

/// Half of the time in the newest records, where votes are that may just have been sent.
void SimulatedNode::rot_segment(const std::string& path, Dice& dice) {
    const auto& bytes = disk_.bytes(path);
    const auto header = node::journal::SegmentHeader::decode(bytes);
    if (!header) {
        return;
    }
    const auto mark_path = journal_folder + "/high_water";
    const auto mark = disk_.exists(mark_path)
                          ? node::journal::HighWater::decode(disk_.bytes(mark_path))
                          : std::nullopt;
    const auto records = record_bytes(*header, bytes, mark);
    const auto start = node::journal::SegmentHeader::records_start;
    if (records.covered < records.end && (records.covered == start || dice.chance(500'000))) {
        const auto newest = Bytes(bytes.substr(records.covered, records.end - records.covered));
        const auto last = std::max(records.covered, records.newest);
        const auto from = dice.chance(700'000) ? last : records.covered;
        const auto at = from + dice.below(records.end - from);
        const bool written = disk_.durable(newest);
        flip(path, at, dice);
        ++open_groups_rotten_;
        // A record's length, and a last byte that is zero, are not told from a torn end.
        const bool in_length =
            std::any_of(records.starts.begin(), records.starts.end(),
                        [at](const auto each) { return at >= each && at < each + length_size; });
        if (written && !in_length && bytes[records.end - 1] != 0) {
            rotten_journal_[path] = {at, bytes[at], Bytes(), Bytes(bytes.substr(0, head_size))};
        }
        return;
    }
    if (records.covered > start) {
        const auto drawn = dice.below(head_size + records.covered - start);
        const auto at = drawn < head_size ? drawn : drawn - head_size + start;
        flip(path, at, dice);
        rotten_journal_[path] = {at, disk_.bytes(path)[at], Bytes(), Bytes()};
    }
}

/// A write meant for elsewhere has landed on a sector of the journal.
void SimulatedNode::misdirect(Dice& dice) {
    const DiskTrouble::Operator nobody_else(trouble_);
    std::vector<std::string> files;
    for (const auto& path : disk_.paths()) {
        if (path.starts_with(journal_folder + "/segment-") && !path.ends_with(".new")) {
            files.push_back(path);
        }
    }
    if (files.empty()) {
        return;
    }
    const auto& path = files[dice.below(files.size())];
    const auto header = node::journal::SegmentHeader::decode(disk_.bytes(path));
    const auto records =
        header ? record_bytes(*header, disk_.bytes(path), std::nullopt) : RecordBytes();
    constexpr auto sector = test::MemoryDisk::sector;
    const auto begin = node::journal::SegmentHeader::records_start;
    if (!header || records.covered <= begin) {
        return;
    }
    const auto at = (begin + dice.below(records.covered - begin)) / sector * sector;
    const auto meant = Bytes(
        disk_.bytes(path).substr(dice.below(disk_.bytes(path).size() / sector) * sector, sector));
    const auto until = std::min(at + meant.size(), disk_.bytes(path).size());
    for (auto byte = at; byte < until; ++byte) {
        const auto there = static_cast<std::uint8_t>(disk_.bytes(path)[byte]);
        const auto flip = there ^ static_cast<std::uint8_t>(meant[byte - at]);
        disk_.damage(path, byte, static_cast<std::uint8_t>(flip));
        if (flip != 0 && byte >= begin && byte < records.covered) {
            rotten_journal_[path] = {byte, disk_.bytes(path)[byte], Bytes(), Bytes()};
        }
    }
    forgets_ = true;
    if (up()) {
        crash(false);
    }
}

void SimulatedNode::flip(const std::string& path, std::uint64_t at, Dice& dice) {
    disk_.damage(path, at, static_cast<std::uint8_t>(1U << dice.below(8)));
    forgets_ = true;
}

void SimulatedNode::rot_record(const std::string& database, Dice& dice) {
    auto* kv = databases_.find(database);
    if (kv == nullptr || kv->records().empty()) {
        return;
    }
    const auto chosen = static_cast<std::ptrdiff_t>(dice.below(kv->records().size()));
    kv->rot(std::next(kv->records().begin(), chosen)->first);
}

/// A manifest, what is gathered of one, or a copy of the database.
void SimulatedNode::rot_snapshot(Dice& dice) {
    std::vector<std::string> files;
    for (const auto& path : disk_.paths()) {
        if (!path.starts_with(journal_folder + "/") && !disk_.bytes(path).empty()) {
            files.push_back(path);
        }
    }
    std::vector<std::string> copies;
    for (const auto& path : databases_.paths()) {
        if (path != paths_.database) {
            copies.push_back(path);
        }
    }
    if (files.empty() && copies.empty()) {
        return;
    }
    const auto chosen = dice.below(files.size() + copies.size());
    if (chosen >= files.size()) {
        rot_record(copies[chosen - files.size()], dice);
        return;
    }
    const auto at = dice.below(disk_.bytes(files[chosen]).size());
    disk_.damage(files[chosen], at, static_cast<std::uint8_t>(1U << dice.below(8)));
    rotten_files_ = true;
}

/// D4: what was damaged for certain, and is still there as it was damaged, must have been noticed.
void SimulatedNode::judge_start() {
    for (const auto& [path, damage] : rotten_journal_) {
        if (disk_.exists(path) && disk_.bytes(path).size() > damage.at &&
            (!damage.head.empty()    ? disk_.bytes(path).starts_with(damage.head)
             : !damage.whole.empty() ? disk_.bytes(path) == damage.whole
                                     : disk_.bytes(path)[damage.at] == damage.byte)) {
            throw Breach("D4", "validator " + std::to_string(index_) + " votes on " + path +
                                   ", whose byte " + std::to_string(damage.at) +
                                   " is not what was written there");
        }
    }
    rotten_journal_.clear();
}

/// The process ended as the daemon does, with exit code 70 or 7. Its operator reads the line: waits
/// for space, tries a failed disk again, moves a damaged database away.
void SimulatedNode::fall(const node::IoError& error) {
    using node::IoFailure;
    const bool rotten = databases_.rotten() || rotten_files_;
    const bool meant = error.failure == IoFailure::corrupt ? rotten : trouble_.unanswered();
    if (!meant) {
        throw Breach("C6", "validator " + std::to_string(index_) + " ends: " + error.text());
    }
    trouble_.answer();
    ++deaths_;
    if (error.failure == IoFailure::corrupt) {
        erase();
    } else {
        crash(false);
    }
}

/// The medium is sound from now on; an operator who has looked at it replaces what is damaged.
void SimulatedNode::mend_disk() {
    trouble_.end();
    if (databases_.rotten()) {
        erase();
    }
}

}  // namespace remit::sim
