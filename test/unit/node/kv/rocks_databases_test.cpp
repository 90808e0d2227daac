#include "node/kv/rocks_databases.h"

#include <catch2/catch.hpp>
#include <thread>

#include "ledger/base/codec.h"
#include "ledger/base/hash.h"
#include "test/support/node/temporary_folder.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

RocksOptions options_of(const std::string& path) {
    return {.path = path, .schema_name = "test", .write_buffer_bytes = std::size_t{1} << 20U};
}

/// Incompressible, and another one for each number.
Bytes value_of(std::uint64_t number) {
    Bytes out;
    for (int i = 0; i < 64; ++i) {
        out += hash(domain::hello, Writer().u64(number).u8(static_cast<std::uint8_t>(i)).view())
                   .bytes();
    }
    return out;
}

Bytes key_of(char table, std::uint64_t number) {
    return Writer().u8(static_cast<std::uint8_t>(table)).u64(number).take();
}

void fill(Kv& kv, char table, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        KvBatch batch;
        batch.put(key_of(table, i), value_of(i));
        REQUIRE(kv.write(batch, KvSync::buffered));
    }
}

std::uint64_t count_of(const KvReader& kv, char table) {
    std::uint64_t out = 0;
    REQUIRE(kv.scan(Bytes(1, table), Bytes(1, static_cast<char>(table + 1)),
                    [&](ByteView, ByteView) { return ++out > 0; }));
    return out;
}

}  // namespace

TEST_CASE("rocks databases: a copy is what was there, whatever comes and goes", "[kv]") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "db").string();
    const auto copy_path = (folder.path() / "copies.db").string();
    RocksDatabases databases(options_of({}));
    {
        const auto kv = databases.create(path);
        REQUIRE(kv);
        fill(**kv, 'a', 100);
        REQUIRE((*kv)->copy_to(copy_path));
        CHECK_FALSE((*kv)->copy_to(copy_path));  // taken
        fill(**kv, 'a', 200);
        REQUIRE((*kv)->discard("a", "b", [](ByteView, ByteView) { return true; }));
        CHECK(count_of(**kv, 'a') == 0);
    }
    REQUIRE(databases.exists(copy_path));
    const auto copy = databases.open(copy_path);
    REQUIRE(copy);
    CHECK(count_of(**copy, 'a') == 100);
    REQUIRE(databases.remove(copy_path));
    CHECK_FALSE(databases.exists(copy_path));
    REQUIRE(databases.remove(copy_path));
    REQUIRE(databases.rename(path, copy_path));
    CHECK(databases.exists(copy_path));
    CHECK_FALSE(databases.exists(path));
}

TEST_CASE("rocks kv: a discard takes the unwanted alone and gives their space back", "[kv]") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "db").string();
    {
        auto kv = RocksKv::open(options_of(path));
        REQUIRE(kv);
        fill(**kv, 'a', 4000);  // 8 MB
        fill(**kv, 'b', 1000);  // 2 MB
        const auto before = (*kv)->disk_bytes();
        CHECK(before > 9'000'000);
        REQUIRE((*kv)->discard("a", key_of('a', 3900), [](ByteView, ByteView) { return true; }));
        CHECK((*kv)->disk_bytes() < before - 7'000'000);
        CHECK(count_of(**kv, 'a') == 100);
        CHECK(count_of(**kv, 'b') == 1000);
        REQUIRE((*kv)->discard("b", "c", [](ByteView key, ByteView) {
            Reader reader(key.substr(1));
            return reader.u64() % 2 == 1;
        }));
        CHECK(count_of(**kv, 'b') == 500);
        CHECK_FALSE((*kv)->get(key_of('b', 7))->has_value());
        CHECK((*kv)->get(key_of('b', 8)) == std::optional(value_of(8)));
        // What is written again afterwards stays.
        KvBatch batch;
        batch.put(key_of('a', 5), "again");
        REQUIRE((*kv)->write(batch, KvSync::durable));
    }
    const auto kv = RocksKv::open(options_of(path));
    REQUIRE(kv);
    CHECK(count_of(**kv, 'a') == 101);
    CHECK((*kv)->get(key_of('a', 5)) == std::optional<Bytes>("again"));
    CHECK((*kv)->verify_checksums());
}

TEST_CASE("rocks kv: records written while a discard runs are all there", "[kv]") {
    const TemporaryFolder folder;
    auto kv = RocksKv::open(options_of((folder.path() / "db").string()));
    REQUIRE(kv);
    fill(**kv, 'a', 3000);
    std::thread writer([&] { fill(**kv, 'c', 1500); });
    REQUIRE((*kv)->discard("a", "b", [](ByteView, ByteView) { return true; }));
    writer.join();
    CHECK(count_of(**kv, 'a') == 0);
    CHECK(count_of(**kv, 'c') == 1500);
    (*kv)->stop_discarding();
    REQUIRE((*kv)->discard("c", "d", [](ByteView, ByteView) { return true; }));
    CHECK(count_of(**kv, 'c') == 1500);
}
