#include <algorithm>
#include <iterator>
#include <numeric>

#include "node/storage/journal_scan.h"
#include "test/sim/oracle.h"
#include "test/sim/simulated_node.h"

// What happens to a machine's disk, and what process and operator make of it.

namespace remit::sim {

namespace {
const std::string journal_folder = "journal";

/// Bytes of a segment whose damage is told from a torn end for certain: those of the head, and of
/// all records but the last two groups, the newer of which may not be synced.
std::vector<std::uint64_t> covered_bytes(ByteView bytes) {
    constexpr std::uint64_t head = 36;  // the rest up to the first record is zero
    const auto header = node::journal::SegmentHeader::decode(bytes);
    if (!header) {
        return {};
    }
    auto at = node::journal::SegmentHeader::records_start;
    std::vector<std::uint64_t> group_starts;
    while (const auto frame = node::journal::Frame::at(*header, bytes, at)) {
        if (frame->index == 0) {
            group_starts.push_back(at);
        }
        at += frame->size();
    }
    constexpr std::size_t open_groups = 2;
    if (group_starts.size() <= open_groups) {
        return {};
    }
    std::vector<std::uint64_t> out;
    for (std::uint64_t i = 0; i < head; ++i) {
        out.push_back(i);
    }
    const auto end = group_starts[group_starts.size() - open_groups];
    for (auto i = node::journal::SegmentHeader::records_start; i < end; ++i) {
        out.push_back(i);
    }
    return out;
}
}  // namespace

void SimulatedNode::rot(Dice& dice) {
    enum Place : std::uint64_t { segment, mark, record, file, places };
    const auto place = dice.below(places);
    const DiskTrouble::Operator nobody_else(trouble_);
    if (place == segment || place == mark) {
        rot_journal(place == mark, dice);
    } else if (place == file) {
        rot_snapshot(dice);
    } else {
        rot_record(paths_.database, dice);
    }
    // A process that runs reads its journal no more: often it starts again.
    if (up() && dice.chance(500'000)) {
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
    const auto& bytes = disk_.bytes(path);
    std::vector<std::uint64_t> places = covered_bytes(bytes);
    if (mark) {
        places.resize(bytes.size());
        std::iota(places.begin(), places.end(), std::uint64_t{0});
    }
    if (places.empty()) {
        return;
    }
    const auto at = places[dice.below(places.size())];
    disk_.damage(path, at, static_cast<std::uint8_t>(1U << dice.below(8)));
    forgets_ = true;
    rotten_journal_[path] = {at, bytes[at], mark ? bytes : Bytes()};
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
            (damage.whole.empty() ? disk_.bytes(path)[damage.at] == damage.byte
                                  : disk_.bytes(path) == damage.whole)) {
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
