#include "node/kv/rocks_kv.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "test/support/node/temporary_folder.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

RocksOptions options(const TemporaryFolder& folder) {
    RocksOptions out;
    out.path = (folder.path() / "db").string();
    out.schema_name = "remit-test";
    return out;
}

void put(Kv& kv, const Bytes& key, const Bytes& value, KvSync sync = KvSync::buffered) {
    KvBatch batch;
    batch.put(key, value);
    REQUIRE(kv.write(batch, sync));
}

std::vector<Bytes> keys_of(const KvReader& kv, ByteView from, ByteView until, bool back = false) {
    std::vector<Bytes> out;
    const auto visit = [&](ByteView key, ByteView) {
        out.emplace_back(key);
        return true;
    };
    REQUIRE((back ? kv.scan_back(from, until, visit) : kv.scan(from, until, visit)));
    return out;
}

void flip(const std::filesystem::path& path, std::uintmax_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(file.get() ^ 0x40);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
}

std::filesystem::path file_ending(const TemporaryFolder& folder, const std::string& extension) {
    std::filesystem::path largest;
    std::uintmax_t size = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "db")) {
        if (entry.path().extension() == extension && entry.file_size() >= size) {
            largest = entry.path();
            size = entry.file_size();
        }
    }
    REQUIRE_FALSE(largest.empty());
    return largest;
}

}  // namespace

TEST_CASE("rocks kv: reads, scans and deletes what was written", "[kv]") {
    const TemporaryFolder folder;
    auto kv = RocksKv::open(options(folder));
    REQUIRE(kv);
    for (const auto* key : {"a1", "a2", "b1", "c1"}) {
        put(**kv, key, Bytes("value of ") + key);
    }
    CHECK((*kv)->get("a2") == std::optional<Bytes>("value of a2"));
    CHECK_FALSE((*kv)->get("a3")->has_value());
    CHECK(keys_of(**kv, "", "") == std::vector<Bytes>{"a1", "a2", "b1", "c1"});
    CHECK(keys_of(**kv, "a2", "c") == std::vector<Bytes>{"a2", "b1"});
    CHECK(keys_of(**kv, "a2", "c1", true) == std::vector<Bytes>{"b1", "a2"});
    CHECK(keys_of(**kv, "", "", true) == std::vector<Bytes>{"c1", "b1", "a2", "a1"});
    KvBatch batch;
    batch.erase("a1");
    REQUIRE((*kv)->write(batch, KvSync::durable));
    CHECK(keys_of(**kv, "a", end_of_prefix("a")) == std::vector<Bytes>{"a2"});
}

TEST_CASE("rocks kv: a snapshot does not see later writes", "[kv]") {
    const TemporaryFolder folder;
    auto kv = RocksKv::open(options(folder));
    REQUIRE(kv);
    put(**kv, "key", "before");
    const auto snapshot = (*kv)->snapshot();
    put(**kv, "key", "after");
    put(**kv, "other", "new");
    kv->reset();  // a snapshot keeps the database open
    CHECK(snapshot->get("key") == std::optional<Bytes>("before"));
    CHECK(keys_of(*snapshot, "", "") == std::vector<Bytes>{"key"});
}

TEST_CASE("rocks kv: another owner or schema version is refused", "[kv]") {
    const TemporaryFolder folder;
    REQUIRE(RocksKv::open(options(folder)));
    auto other = options(folder);
    other.schema_version = 2;
    REQUIRE_FALSE(RocksKv::open(other));
    other = options(folder);
    other.schema_name = "remit-gateway";
    const auto refused = RocksKv::open(other);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().failure == IoFailure::corrupt);
}

TEST_CASE("rocks kv: a second process is refused as busy", "[kv]") {
    const TemporaryFolder folder;
    const auto first = RocksKv::open(options(folder));
    REQUIRE(first);
    const auto second = RocksKv::open(options(folder));
    REQUIRE_FALSE(second);
    CHECK(second.error().failure == IoFailure::busy);
}

TEST_CASE("rocks kv: opened read-only it must exist", "[kv]") {
    const TemporaryFolder folder;
    auto only = options(folder);
    only.read_only = true;
    REQUIRE_FALSE(RocksKv::open(only));
    {
        auto kv = RocksKv::open(options(folder));
        REQUIRE(kv);
        put(**kv, "key", "value", KvSync::durable);
    }
    const auto kv = RocksKv::open(only);
    REQUIRE(kv);
    CHECK((*kv)->get("key") == std::optional<Bytes>("value"));
}

TEST_CASE("rocks kv: runs with the settings that this version of RocksDB needs", "[kv]") {
    const TemporaryFolder folder;
    const auto kv = RocksKv::open(options(folder));
    REQUIRE(kv);
    // What the library itself wrote down about the open database: it has no extension.
    std::string written;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "db")) {
        if (entry.path().filename().string().starts_with("OPTIONS-")) {
            std::ifstream in(entry.path());
            written.assign(std::istreambuf_iterator<char>(in), {});
        }
    }
    for (const std::string line :
         {"wal_recovery_mode=kTolerateCorruptedTailRecords",  // F5: others drop synced writes
          "paranoid_checks=true", "force_consistency_checks=true",
          "max_bgerror_resume_count=0",  // F4: nothing is tried again after a failed write
          // F10: what was repaired only after this version stays off.
          "wal_compression=kNoCompression", "track_and_verify_wals_in_manifest=false",
          "max_write_buffer_number=2", "atomic_flush=false", "recycle_log_file_num=0",
          "manual_wal_flush=false", "two_write_queues=false", "unordered_write=false",
          "allow_mmap_writes=false", "enable_blob_files=false"}) {
        CAPTURE(line);
        CHECK_THAT(written, Catch::Contains("  " + line + "\n"));
    }
}

TEST_CASE("rocks kv: a log cut in the middle opens with a prefix, whose end its owner must know",
          "[kv]") {
    const TemporaryFolder folder;
    {
        const auto kv = RocksKv::open(options(folder)).value();
        for (int i = 0; i < 100; ++i) {
            put(*kv, "key" + std::to_string(1000 + i), Bytes(500, 'v'), KvSync::durable);
        }
    }
    const auto log = file_ending(folder, ".log");
    std::filesystem::resize_file(log, std::filesystem::file_size(log) / 2);
    // F5: the library says OK. Heights above the journal's high-water mark are what notices it
    // ("damage: a lost database beside a journal is refused").
    const auto kv = RocksKv::open(options(folder));
    REQUIRE(kv);
    const auto keys = keys_of(**kv, "key", "kez");
    REQUIRE_FALSE(keys.empty());
    REQUIRE(keys.size() < 100);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        REQUIRE(keys[i] == "key" + std::to_string(1000 + i));
    }
}

TEST_CASE("rocks kv: a flipped byte in the log is refused, never silently dropped", "[kv]") {
    const TemporaryFolder folder;
    const TemporaryFolder copy;
    {
        auto kv = RocksKv::open(options(folder));
        REQUIRE(kv);
        for (int i = 0; i < 300; ++i) {
            put(**kv, "key" + std::to_string(i), Bytes(100, 'v'), KvSync::durable);
        }
        // As after kill -9: the log is there, nothing was flushed.
        std::filesystem::copy(folder.path() / "db", copy.path() / "db",
                              std::filesystem::copy_options::recursive);
    }
    const auto log = file_ending(copy, ".log");
    flip(log, 10'000);
    const auto kv = RocksKv::open(options(copy));
    REQUIRE_FALSE(kv);
    CHECK(kv.error().failure == IoFailure::corrupt);
}

TEST_CASE("rocks kv: a flipped byte in a table file never reads as data", "[kv]") {
    const TemporaryFolder folder;
    {
        auto small = options(folder);
        small.write_buffer_bytes = 64 * 1024;
        auto kv = RocksKv::open(small);
        REQUIRE(kv);
        for (int i = 0; i < 3000; ++i) {
            put(**kv, "key" + std::to_string(i), Bytes(100, static_cast<char>('a' + i % 26)));
        }
        kv->reset();
        kv = RocksKv::open(small);  // recovery flushes the rest of the log
        REQUIRE(kv);
        REQUIRE((*kv)->verify_checksums());
    }
    const auto table = file_ending(folder, ".sst");
    flip(table, std::filesystem::file_size(table) / 3);
    const auto kv = RocksKv::open(options(folder));
    if (!kv) {
        CHECK(kv.error().failure == IoFailure::corrupt);
        return;
    }
    const auto verified = (*kv)->verify_checksums();
    REQUIRE_FALSE(verified);
    CHECK(verified.error().failure == IoFailure::corrupt);
    const auto scanned = (*kv)->scan("", "", [](ByteView, ByteView) { return true; });
    REQUIRE_FALSE(scanned);
    CHECK(scanned.error().failure == IoFailure::corrupt);
}

TEST_CASE("rocks kv: without room on the disk nothing is written, and it can be read", "[kv]") {
    const TemporaryFolder folder;
    auto wanted = options(folder);
    std::optional<std::string> reason;
    wanted.no_room = [&] { return reason; };
    const auto kv = RocksKv::open(wanted).value();
    put(*kv, "a", "1");
    reason = "nothing is left";
    KvBatch batch;
    batch.put("b", "2");
    const auto refused = kv->write(batch, KvSync::durable);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().failure == IoFailure::full);
    CHECK(refused.error().reason == "nothing is left");
    CHECK(kv->copy_to((folder.path() / "copy").string()).error().failure == IoFailure::full);
    CHECK(kv->discard("a", "z", [](ByteView, ByteView) { return true; }).error().failure ==
          IoFailure::full);
    CHECK(kv->sync());  // what was written before
    CHECK(kv->get("a").value() == "1");
    CHECK_FALSE(kv->get("b").value());
    reason.reset();
    CHECK(kv->write(batch, KvSync::durable));
}
