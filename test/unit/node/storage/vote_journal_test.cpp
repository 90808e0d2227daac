#include "node/storage/vote_journal.h"

#include <catch2/catch.hpp>

#include "node/storage/journal_format.h"
#include "test/support/node/memory_disk.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using consensus::JournalRecord;
using test::MemoryDisk;
using test::Prng;

namespace {

constexpr std::uint64_t small_segment = 4096;
const std::string folder = "journal";
const std::string first_segment = "journal/segment-0000000000000001.journal";

JournalRecord record(consensus::View view, std::size_t size = 40) {
    return {consensus::RecordType::vote, 0, view, Bytes(size, static_cast<char>('a' + view % 26))};
}

consensus::BatchHandle batch(std::uint64_t nonce, std::size_t size = 200) {
    auto out = std::make_shared<consensus::Batch>();
    out->nonce = nonce;
    out->items = {Bytes(size, 'x')};
    out->bytes = static_cast<std::uint32_t>(consensus::encoded_items_bytes(out->items));
    out->items_root = consensus::items_root_of(out->items);
    return out;
}

struct Fixture {
    MemoryDisk disk;
    Prng random{1, "journal"};

    Result<VoteJournal::Opened, IoError> open(bool may_create = false) {
        return VoteJournal::open(disk, random, {folder, small_segment}, may_create);
    }
    /// Three synced groups of two records, views 1..6.
    void write_three_groups() {
        auto opened = open(true);
        REQUIRE(opened);
        for (consensus::View view = 1; view <= 5; view += 2) {
            REQUIRE(opened->journal->append({record(view), record(view + 1)}, {}));
            REQUIRE(opened->journal->sync());
        }
    }
};

std::vector<consensus::View> views_of(const VoteJournalContents& contents) {
    std::vector<consensus::View> out;
    for (const auto& each : contents.records) {
        out.push_back(each.view);
    }
    return out;
}

/// Behind the last record: the rest of the file is preallocated zeros.
std::size_t end_of(const Bytes& segment) {
    return segment.find_last_not_of('\0') + 1;
}

}  // namespace

TEST_CASE("vote journal: what was synced is found again in order", "[storage]") {
    Fixture fixture;
    {
        auto opened = fixture.open(true);
        REQUIRE(opened);
        CHECK(opened->contents.boot_counter == 1);
        REQUIRE(opened->journal->append({record(1), record(2)}, {batch(7)}));
        REQUIRE(opened->journal->sync());
        REQUIRE(opened->journal->append({record(3)}, {}));
        REQUIRE(opened->journal->sync());
        CHECK(opened->journal->syncs() == 2);
    }
    const auto again = fixture.open();
    REQUIRE(again);
    CHECK(views_of(again->contents) == std::vector<consensus::View>{1, 2, 3});
    REQUIRE(again->contents.batches.size() == 1);
    CHECK(*again->contents.batches[0] == *batch(7));
    CHECK(again->contents.boot_counter == 2);
}

TEST_CASE("vote journal: a sync without records costs nothing", "[storage]") {
    Fixture fixture;
    auto opened = fixture.open(true);
    REQUIRE(opened);
    REQUIRE(opened->journal->sync());
    CHECK(opened->journal->syncs() == 0);
}

TEST_CASE("vote journal: a tail torn at any byte of an unsynced group is cut", "[storage]") {
    Fixture whole;
    whole.write_three_groups();
    const auto synced_end = end_of(whole.disk.bytes(first_segment));
    {
        auto opened = whole.open();
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(7), record(8)}, {}));
    }
    const auto bytes = whole.disk.bytes(first_segment);
    const auto end = end_of(bytes);
    REQUIRE(end > synced_end);
    for (auto cut = synced_end; cut < end; ++cut) {
        CAPTURE(cut);
        Fixture torn;
        torn.disk = whole.disk;
        auto left = bytes;
        std::fill(left.begin() + static_cast<std::ptrdiff_t>(cut), left.end(), '\0');
        torn.disk.replace(first_segment, left);
        {
            auto opened = torn.open();
            REQUIRE(opened);
            REQUIRE(opened->contents.records.size() >= 6);
            REQUIRE(opened->contents.records.size() <= 7);
            REQUIRE(opened->journal->append({record(9)}, {}));
            REQUIRE(opened->journal->sync());
        }
        const auto again = torn.open();
        REQUIRE(again);
        CHECK(again->contents.records.back() == record(9));
    }
}

TEST_CASE("vote journal: sectors of the last group may arrive in any order", "[storage]") {
    Fixture fixture;
    fixture.write_three_groups();
    auto bytes = fixture.disk.bytes(first_segment);
    const auto synced_end = end_of(bytes);
    {
        auto opened = fixture.open();
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(7, 900), record(8, 900)}, {}));
    }
    bytes = fixture.disk.bytes(first_segment);
    const auto end = end_of(bytes);
    for (auto at = (synced_end / 512 + 1) * 512; at < end; at += 512) {
        CAPTURE(at);
        auto left = bytes;
        left.replace(at, 512, 512, '\0');
        Fixture torn;
        torn.disk = fixture.disk;
        torn.disk.replace(first_segment, left);
        const auto opened = torn.open();
        REQUIRE(opened);
        REQUIRE(opened->contents.records.size() >= 6);
        CHECK(opened->contents.records.size() <= 7);
    }
}

TEST_CASE("vote journal: a flipped byte in the newest group is refused, or its votes are missing",
          "[storage]") {
    Fixture whole;
    whole.write_three_groups();
    {
        auto opened = whole.open();
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(7, 30), record(8, 700), record(9, 30)}, {}));
        REQUIRE(opened->journal->sync());
    }
    const auto bytes = whole.disk.bytes(first_segment);
    // No orderly end: the high-water file covers the three groups alone.
    const auto head = journal::SegmentHeader::decode(bytes);
    REQUIRE(head);
    std::vector<std::uint64_t> frames;
    auto at = journal::SegmentHeader::records_start;
    while (const auto frame = journal::Frame::at(*head, bytes, at)) {
        frames.push_back(at);
        at += frame->size();
    }
    REQUIRE(frames.size() == 9);
    for (auto byte = frames[6]; byte < at; ++byte) {
        CAPTURE(byte);
        Fixture damaged;
        damaged.disk = whole.disk;
        damaged.disk.replace(first_segment, bytes);
        damaged.disk.damage(first_segment, byte, 0x10);
        const auto opened = damaged.open();
        const bool in_length = std::any_of(frames.begin(), frames.end(), [&](const auto frame) {
            return byte >= frame && byte < frame + 4;
        });
        if (in_length && opened) {
            CHECK(opened->contents.records.size() < 9);
            continue;
        }
        REQUIRE_FALSE(opened);
        CHECK(opened.error().failure == IoFailure::corrupt);
    }
}

TEST_CASE("vote journal: a flipped byte before the last group is refused", "[storage]") {
    Fixture whole;
    whole.write_three_groups();
    const auto bytes = whole.disk.bytes(first_segment);
    const auto end = end_of(bytes);
    constexpr std::size_t first_frame = 64;
    const auto group = (end - first_frame) / 3;
    for (auto at = first_frame; at < first_frame + 2 * group; ++at) {
        CAPTURE(at);
        Fixture damaged;
        damaged.disk = whole.disk;
        damaged.disk.replace(first_segment, bytes);
        damaged.disk.damage(first_segment, at, 0x10);
        const auto opened = damaged.open();
        REQUIRE_FALSE(opened);
        REQUIRE(opened.error().failure == IoFailure::corrupt);
        REQUIRE(opened.error().text().find("must not vote") != std::string::npos);
    }
}

TEST_CASE("vote journal: after an orderly end every flipped byte is refused", "[storage]") {
    Fixture whole;
    {
        whole.write_three_groups();
        auto opened = whole.open();
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(7), record(8), record(9)}, {}));
        REQUIRE(opened->journal->close());
    }
    const auto bytes = whole.disk.bytes(first_segment);
    for (std::size_t at = 64; at < end_of(bytes); ++at) {
        CAPTURE(at);
        Fixture damaged;
        damaged.disk = whole.disk;
        damaged.disk.replace(first_segment, bytes);
        damaged.disk.damage(first_segment, at, 0x01);
        REQUIRE_FALSE(damaged.open());
    }
}

TEST_CASE("vote journal: a damaged segment head or high-water file is refused", "[storage]") {
    const std::string path = GENERATE(std::string("journal/high_water"),
                                      std::string("journal/segment-0000000000000001.journal"));
    Fixture fixture;
    fixture.write_three_groups();
    fixture.disk.damage(path, 9, 0x01);
    const auto opened = fixture.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().failure == IoFailure::corrupt);
}

TEST_CASE("vote journal: a lost journal is amnesia, not a fresh start", "[storage]") {
    Fixture fixture;
    fixture.write_three_groups();
    SECTION("the segments are gone") {
        REQUIRE(fixture.disk.remove(first_segment));
        CHECK_FALSE(fixture.open(true));
    }
    SECTION("everything is gone, but the database has blocks") {
        fixture.disk = MemoryDisk();
        CHECK_FALSE(fixture.open(false));
    }
}

TEST_CASE("vote journal: an old copy put back is refused", "[storage]") {
    Fixture fixture;
    fixture.write_three_groups();
    const auto old = fixture.disk.bytes(first_segment);
    {
        auto opened = fixture.open();
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(7)}, {}));
        REQUIRE(opened->journal->sync());
        REQUIRE(opened->journal->prune(0, 1, 5));
    }
    fixture.disk.replace(first_segment, old);
    const auto opened = fixture.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().reason.find("high-water") != std::string::npos);
}

TEST_CASE("vote journal: segments go once their views and batches are behind", "[storage]") {
    Fixture fixture;
    auto opened = fixture.open(true);
    REQUIRE(opened);
    auto& journal = *opened->journal;
    const auto held = batch(1, 3000);
    REQUIRE(journal.append({record(1)}, {held}));
    for (consensus::View view = 2; view <= 40; ++view) {
        REQUIRE(journal.append({record(view, 300)}, {}));
        REQUIRE(journal.sync());
    }
    const auto before = journal.segments();
    REQUIRE(before > 3);
    REQUIRE(journal.prune(0, 30, 10));
    CHECK(journal.segments() == before);  // the batch still needs the first one
    journal.release_batch(held->digest());
    REQUIRE(journal.prune(0, 30, 10));
    CHECK(journal.segments() < before);
    opened->journal.reset();

    auto again = fixture.open();
    REQUIRE(again);
    CHECK(again->contents.batches.empty());
    CHECK(again->contents.durable_height == 10);
    CHECK(views_of(again->contents).back() == 40);
    CHECK(views_of(again->contents).front() <= 30);

    REQUIRE(again->journal->lose_database(again->contents));
    CHECK(again->contents.votes_lost);
    again->journal.reset();
    auto anew = fixture.open();
    REQUIRE(anew);
    CHECK(anew->contents.durable_height == 0);
    CHECK(anew->contents.votes_lost);
    CHECK(anew->contents.records.back().type == consensus::RecordType::votes_lost);
    REQUIRE(anew->journal->prune(0, 1, 4));
    anew->journal.reset();
    CHECK(fixture.open()->contents.durable_height == 4);
}

TEST_CASE("vote journal: a group larger than a segment gets one of its size", "[storage]") {
    Fixture fixture;
    {
        auto opened = fixture.open(true);
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(1)}, {batch(1, 3 * small_segment)}));
        REQUIRE(opened->journal->sync());
    }
    const auto again = fixture.open();
    REQUIRE(again);
    CHECK(again->contents.batches.size() == 1);
    CHECK(again->contents.records.size() == 1);
}

TEST_CASE("vote journal: what a killed process left unsynced is durable once it was found",
          "[storage]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Fixture fixture;
        fixture.write_three_groups();
        {
            auto killed = fixture.open();
            REQUIRE(killed);
            REQUIRE(killed->journal->append({record(7, 3 * MemoryDisk::sector)}, {batch(1)}));
        }
        std::vector<consensus::View> found;
        {
            // The file cache outlives the process, so the next run finds the records and may
            // send the votes again: from then on they must never be lost.
            const auto next = fixture.open();
            REQUIRE(next);
            found = views_of(next->contents);
            REQUIRE(found.back() == 7);
        }
        Prng power(seed, "power");
        fixture.disk.cut_power(power);
        const auto again = fixture.open();
        REQUIRE(again);
        CHECK(views_of(again->contents) == found);
        CHECK(again->contents.batches.size() == 1);
    }
}

// After a failed fdatasync the file cache shows bytes that the medium never got, and calls them
// clean: another fdatasync brings nothing there.
TEST_CASE("vote journal: a group whose sync failed is written again before it counts",
          "[storage]") {
    Fixture fixture;
    fixture.write_three_groups();
    {
        auto opened = fixture.open();
        REQUIRE(opened);
        REQUIRE(opened->journal->append({record(7), record(8)}, {}));
        fixture.disk.trouble = [](test::MemoryDisk::Access access, const std::string& path,
                                  std::uint64_t) -> Status<IoError> {
            if (access == test::MemoryDisk::Access::sync) {
                return fail(IoError{IoFailure::other, "fdatasync", path, "EIO"});
            }
            return {};
        };
        REQUIRE_FALSE(opened->journal->sync());
        fixture.disk.trouble = nullptr;
    }
    std::vector<consensus::View> found;
    {
        const auto again = fixture.open();
        REQUIRE(again);
        found = views_of(again->contents);  // votes that are sent again from here on
    }
    test::Prng random(1, "power");
    fixture.disk.cut_power(random);
    const auto after = fixture.open();
    REQUIRE(after);
    CHECK(views_of(after->contents) == found);
}

TEST_CASE("vote journal: power cuts at every sync lose nothing that was synced", "[storage]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        Fixture fixture;
        Prng power(seed, "power");
        consensus::View synced = 0;
        consensus::View next = 1;
        for (int boot = 0; boot < 3; ++boot) {
            std::uint64_t countdown = 1 + power.below(12);
            fixture.disk.before_sync = [&] {
                if (--countdown == 0) {
                    throw test::PowerLoss{};
                }
            };
            try {
                auto opened = fixture.open(synced == 0);
                INFO((opened ? std::string() : opened.error().text()));
                REQUIRE(opened);
                REQUIRE(opened->contents.records.size() >= synced);
                next = opened->contents.records.size() + 1;
                synced = next - 1;
                while (true) {
                    // Not inside REQUIRE, which would report the power cut itself.
                    auto done = opened->journal->append({record(next, 400), record(next + 1)}, {});
                    REQUIRE(done);
                    next += 2;
                    done = opened->journal->sync();
                    REQUIRE(done);
                    synced = next - 1;
                }
            } catch (const test::PowerLoss&) {
                fixture.disk.before_sync = nullptr;
                fixture.disk.cut_power(power);
            }
        }
        const auto last = fixture.open(synced == 0);
        REQUIRE(last);
        const auto views = views_of(last->contents);
        REQUIRE(views.size() >= synced);
        for (std::size_t i = 0; i < views.size(); ++i) {
            REQUIRE(views[i] == i + 1);
        }
    }
}

TEST_CASE("vote journal: one given up is kept aside, and the new one says that votes are lost",
          "[storage][amnesia]") {
    Fixture fixture;
    fixture.write_three_groups();
    fixture.disk.damage(first_segment, 70, 0x01);
    REQUIRE_FALSE(fixture.open());
    const auto damaged = fixture.disk.bytes(first_segment);
    const auto begin_anew = [&] {
        return VoteJournal::begin_anew(fixture.disk, fixture.random, {folder, small_segment});
    };
    {
        const auto opened = begin_anew();
        REQUIRE(opened);
        CHECK(opened->contents.votes_lost);
        CHECK(opened->contents.records.empty());
        CHECK(opened->contents.boot_counter == 2);
        CHECK(fixture.disk.bytes("journal/lost-2-segment-0000000000000001.journal") == damaged);
        REQUIRE(opened->journal->append({}, {batch(1)}));
        REQUIRE(opened->journal->sync());
    }
    {
        // Still lost after a restart; told to be settled by a synced record alone.
        const auto opened = fixture.open();
        REQUIRE(opened);
        CHECK(opened->contents.votes_lost);
        CHECK(opened->contents.batches.size() == 1);
        REQUIRE(opened->journal->append({consensus::resume_record(1, 9)}, {}));
        REQUIRE(opened->journal->sync());
        REQUIRE(opened->journal->close());
    }
    const auto opened = fixture.open();
    REQUIRE(opened);
    CHECK_FALSE(opened->contents.votes_lost);
    CHECK(views_of(opened->contents) == std::vector<consensus::View>{9});
}

TEST_CASE("vote journal: votes found lost in a run stay lost, pruned or not, until a resume",
          "[storage][amnesia]") {
    Fixture fixture;
    {
        auto opened = fixture.open(true);
        REQUIRE(opened);
        REQUIRE(opened->journal->append({consensus::votes_lost_record(0, 3)}, {}));
        REQUIRE(opened->journal->sync());
    }
    {
        auto opened = fixture.open();
        REQUIRE(opened);
        CHECK(opened->contents.votes_lost);
        // Its segment goes: the mark in the high-water file stands for it.
        for (consensus::View view = 4; opened->journal->segments() < 3; ++view) {
            REQUIRE(opened->journal->append({record(view)}, {}));
            REQUIRE(opened->journal->sync());
        }
        REQUIRE(opened->journal->prune(0, 1'000'000, 0));
        REQUIRE(opened->journal->segments() == 1);
    }
    {
        auto opened = fixture.open();
        REQUIRE(opened);
        CHECK(opened->contents.votes_lost);
        REQUIRE(opened->journal->append({consensus::resume_record(1, 9)}, {}));
        REQUIRE(opened->journal->sync());
    }
    {
        const auto opened = fixture.open();
        REQUIRE(opened);
        CHECK_FALSE(opened->contents.votes_lost);
        REQUIRE(opened->journal->append({consensus::votes_lost_record(0, 12)}, {}));
        REQUIRE(opened->journal->sync());
        REQUIRE(opened->journal->close());
    }
    const auto opened = fixture.open();
    REQUIRE(opened);
    CHECK(opened->contents.votes_lost);  // the last word counts
}

TEST_CASE("vote journal: power cuts while one is given up never make a sound one of it",
          "[storage][amnesia]") {
    Fixture whole;
    whole.write_three_groups();
    const bool old_mark = GENERATE(true, false);
    old_mark ? whole.disk.damage(first_segment, 70, 0x01)
             : whole.disk.damage("journal/high_water", 9, 0x01);
    bool ended = false;
    for (int cut = 1; !ended; ++cut) {
        CAPTURE(cut);
        Fixture fixture;
        fixture.disk = whole.disk;
        int left = cut;
        fixture.disk.before_sync = [&left] {
            if (--left == 0) {
                throw test::PowerLoss{};
            }
        };
        try {
            ended = VoteJournal::begin_anew(fixture.disk, fixture.random, {folder, small_segment})
                        .has_value();
        } catch (const test::PowerLoss&) {
            fixture.disk.cut_power(fixture.random);
        }
        fixture.disk.before_sync = nullptr;
        auto again = fixture.open();
        if (again) {
            CHECK(again->contents.votes_lost);
        } else {
            CHECK(again.error().failure == IoFailure::corrupt);
            again = VoteJournal::begin_anew(fixture.disk, fixture.random, {folder, small_segment});
            REQUIRE(again);
            CHECK(again->contents.votes_lost);
        }
        CHECK(again->contents.records.empty());
    }
}
