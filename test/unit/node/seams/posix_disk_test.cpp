#include "node/seams/posix_disk.h"

#include <catch2/catch.hpp>

#include "node/seams/random.h"
#include "node/storage/vote_journal.h"
#include "test/support/node/temporary_folder.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

TEST_CASE("posix disk: writes many parts at once and reads them back", "[seams]") {
    const TemporaryFolder folder;
    PosixDisk disk;
    const auto path = (folder.path() / "file").string();
    auto file = disk.open(path, OpenMode::create_new);
    REQUIRE(file);
    REQUIRE((*file)->preallocate(100'000));
    CHECK((*file)->size() == 100'000U);
    const std::vector<Bytes> pieces(2000, "0123456789");  // more than one pwritev takes
    const std::vector<ByteView> parts(pieces.begin(), pieces.end());
    REQUIRE((*file)->write(5, parts));
    REQUIRE((*file)->sync());
    CHECK((*file)->read(5, 20) == Bytes("01234567890123456789"));
    CHECK((*file)->read(5 + 19'990, 20) == Bytes("0123456789") + Bytes(10, '\0'));
    CHECK((*file)->read(99'999, 10) == Bytes(1, '\0'));
}

TEST_CASE("posix disk: errors name the file and what was tried", "[seams]") {
    const TemporaryFolder folder;
    PosixDisk disk;
    const auto path = (folder.path() / "none").string();
    const auto missing = disk.open(path, OpenMode::write);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().failure == IoFailure::not_found);
    CHECK(missing.error().text().find("open " + path) == 0);
    REQUIRE(disk.open(path, OpenMode::create_new));
    CHECK_FALSE(disk.open(path, OpenMode::create_new));
}

TEST_CASE("posix disk: replace_file leaves the new content and nothing else", "[seams]") {
    const TemporaryFolder folder;
    PosixDisk disk;
    const auto path = (folder.path() / "mark").string();
    REQUIRE(replace_file(disk, path, "old"));
    REQUIRE(replace_file(disk, path, "new"));
    CHECK(read_file(disk, path) == Bytes("new"));
    CHECK(disk.list(folder.path().string())->size() == 1);
}

TEST_CASE("posix disk: the vote journal works on real files", "[seams]") {
    const TemporaryFolder folder;
    PosixDisk disk;
    SystemRandom random;
    const VoteJournalConfig config{(folder.path() / "journal").string(), 64 * 1024};
    const consensus::JournalRecord record{consensus::RecordType::vote, 1, 3, Bytes(500, 'v')};
    {
        auto opened = VoteJournal::open(disk, random, config, true);
        REQUIRE(opened);
        for (int i = 0; i < 300; ++i) {
            REQUIRE(opened->journal->append({record}, {}));
            REQUIRE(opened->journal->sync());
        }
        CHECK(opened->journal->segments() > 2);
    }
    const auto again = VoteJournal::open(disk, random, config, false);
    REQUIRE(again);
    CHECK(again->contents.records == std::vector<consensus::JournalRecord>(300, record));
}
