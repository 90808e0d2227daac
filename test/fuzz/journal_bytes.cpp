// Any bytes in the journal's files: opened or refused, and what is opened once is found again.
#include "node/storage/journal_format.h"
#include "node/storage/journal_scan.h"
#include "node/storage/vote_journal.h"
#include "test/fuzz/fixed_random.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/support/node/memory_disk.h"

namespace remit::fuzz {
namespace {

using namespace node;  // NOLINT(google-build-using-namespace)
constexpr std::uint64_t segment_bytes = 4096;

void one_encoding(ByteView bytes) {
    if (const auto header = journal::SegmentHeader::decode(bytes)) {
        require(bytes.starts_with(header->encode()), "a segment's head has one encoding");
    }
    if (const auto mark = journal::HighWater::decode(bytes)) {
        require(mark->encode() == bytes, "a high-water mark has one encoding");
    }
}

/// A file of frames whose checksums hold, so that what is inside them is what is tried.
Bytes sealed_segment(Input& input) {
    journal::SegmentHeader header;
    header.number = input.below(4);
    header.first_group = input.below(4);
    auto out = header.encode();
    out.resize(journal::SegmentHeader::records_start, '\0');
    const auto frames = input.below(8);
    for (std::size_t i = 0; i < frames; ++i) {
        journal::Frame frame;
        frame.group = input.below(8);
        frame.index = static_cast<std::uint32_t>(input.below(4));
        frame.type = static_cast<journal::FrameType>(input.below(4));
        const auto payload = Bytes(input.bytes(input.u16() % 1024U));
        frame.payload = payload;
        out += frame.head(header, out.size()) + payload;
    }
    out.append(input.below(64), '\0');
    out.append(input.bytes(input.below(64)));
    return out;
}

void put_files(test::MemoryDisk& disk, Input& input) {
    journal::HighWater mark;
    mark.segment = input.below(4);
    mark.group = input.below(8);
    const auto segments = input.below(4);
    for (std::size_t number = 1; number <= segments; ++number) {
        const auto path = "journal/segment-000000000000000" + std::to_string(number) + ".journal";
        const bool sealed = input.flag();
        disk.replace(path,
                     sealed ? sealed_segment(input) : Bytes(input.bytes(input.u16() % 2048U)));
    }
    if (input.flag()) {
        disk.replace("journal/high_water", mark.encode());
    } else {
        disk.replace("journal/high_water", Bytes(input.rest()));
    }
}

void run(Input input) {
    one_encoding(input.rest());
    test::MemoryDisk disk;
    FixedRandom random;
    const VoteJournalConfig config{.folder = "journal", .segment_bytes = segment_bytes};
    put_files(disk, input);
    auto first = VoteJournal::open(disk, random, config, true);
    if (!first) {
        return;
    }
    const consensus::JournalRecord more{.view = 9, .bytes = "one more"};
    require(first->journal->append({more}, {}) && first->journal->close(),
            "a journal that opened takes a record");
    first->journal.reset();
    auto second = VoteJournal::open(disk, random, config, false);
    require(second.has_value(), "a journal that opened and was closed opens again");
    first->contents.records.push_back(more);
    require(second->contents.records == first->contents.records,
            "what was found once is found again, and what was added is behind it");
    require(second->contents.batches.size() == first->contents.batches.size(),
            "batches that were found once are found again");
    require(second->contents.boot_counter == first->contents.boot_counter + 1,
            "every start is counted");
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run({data, size});
    return 0;
}
