#include "node/snapshot/manifest.h"

#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

SnapshotChunk chunk_of(std::vector<std::pair<Bytes, Bytes>> records) {
    return {std::move(records)};
}

SnapshotManifest a_manifest(const std::vector<SnapshotChunk>& chunks) {
    const test::Chain chain(4);
    SnapshotManifest out;
    out.chain_id = chain.chain_id;
    out.validators = chain.set;
    out.params.snapshot_interval = 10;
    out.params.snapshot_delay = 2;
    out.params.snapshot_chunk_bytes = 256;
    out.header = chain.child(chain.genesis, 12);
    out.header.height = 10;
    out.header.params_hash = out.params.hash();
    out.result.height = 10;
    out.result.block_digest = out.header.digest();
    out.wake_at_ms = -5;
    out.named = {{11, hash(domain::batch, "one")}, {12, hash(domain::batch, "two")}};
    for (const auto& chunk : chunks) {
        const auto bytes = consensus::encode(chunk);
        out.records += chunk.records.size();
        out.chunks.push_back({chunk_hash(bytes), static_cast<std::uint32_t>(bytes.size()),
                              static_cast<std::uint32_t>(chunk.records.size()),
                              chunk.records.front().first});
    }
    return out;
}

const SnapshotChunk first = chunk_of({{"\x01"
                                       "a",
                                       "1"},
                                      {"\x01"
                                       "b",
                                       ""}});
const SnapshotChunk second =
    chunk_of({{"\x7F"
               "z",
               "3"}});

/// Whether the manifest with this change is read back.
template <class Change>
bool accepted(Change change) {
    auto manifest = a_manifest({first, second});
    change(manifest);
    return consensus::decode<SnapshotManifest>(consensus::encode(manifest)).has_value();
}

}  // namespace

TEST_CASE("snapshot manifest: it comes back from its bytes with the same root", "[snapshot]") {
    const auto manifest = a_manifest({first, second});
    const auto bytes = consensus::encode(manifest);
    const auto back = consensus::decode<SnapshotManifest>(bytes);
    REQUIRE(back);
    CHECK(consensus::encode(*back) == bytes);
    CHECK(back->root() == manifest.root());
    CHECK(back->root() == snapshot_root_of(bytes));
    CHECK(back->height() == 10);
    CHECK(back->named == manifest.named);
    CHECK(back->chunks == manifest.chunks);
}

TEST_CASE("snapshot manifest: cut at any byte or followed by one it is refused", "[snapshot]") {
    const auto bytes = consensus::encode(a_manifest({first, second}));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        if (consensus::decode<SnapshotManifest>(ByteView(bytes).substr(0, size))) {
            FAIL_CHECK("accepted " << size << " of " << bytes.size() << " bytes");
        }
    }
    CHECK_FALSE(consensus::decode<SnapshotManifest>(bytes + '\0'));
}

TEST_CASE("snapshot manifest: a flipped bit is refused or is another manifest", "[snapshot]") {
    const auto manifest = a_manifest({first, second});
    const auto bytes = consensus::encode(manifest);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        const auto back = consensus::decode<SnapshotManifest>(changed);
        if (back && (back->root() == manifest.root() || consensus::encode(*back) != changed)) {
            FAIL_CHECK("bit " << bit);
        }
    }
}

TEST_CASE("snapshot manifest: what contradicts itself is refused", "[snapshot]") {
    CHECK(accepted([](SnapshotManifest&) {}));
    CHECK_FALSE(accepted([](auto& each) { each.result.height = 11; }));
    CHECK_FALSE(accepted([](auto& each) { each.result.block_digest = Hash{}; }));
    CHECK_FALSE(accepted([](auto& each) { each.params.skew_ms += 1; }));
    CHECK_FALSE(accepted([](auto& each) { std::swap(each.named[0], each.named[1]); }));
    CHECK_FALSE(accepted([](auto& each) { each.named[1] = each.named[0]; }));
    CHECK_FALSE(accepted([](auto& each) { each.named[0].expires_height = 10; }));
    CHECK_FALSE(accepted([](auto& each) { each.records += 1; }));
    CHECK_FALSE(accepted([](auto& each) { std::swap(each.chunks[0], each.chunks[1]); }));
    CHECK_FALSE(accepted([](auto& each) { each.chunks[1].first_key = "\xA0"; }));
    CHECK_FALSE(accepted([](auto& each) { each.chunks[1].bytes = 0; }));
    CHECK_FALSE(accepted(
        [](auto& each) { each.chunks[1].bytes = consensus::limits::snapshot_chunk_bytes + 1; }));
}

TEST_CASE("snapshot chunk: only what the manifest names counts", "[snapshot]") {
    const auto manifest = a_manifest({first, second});
    const auto bytes = consensus::encode(first);
    const auto found = checked_chunk(manifest, 0, bytes);
    REQUIRE(found);
    CHECK(found->records == first.records);
    CHECK_FALSE(checked_chunk(manifest, 1, bytes));
    CHECK_FALSE(checked_chunk(manifest, 2, bytes));
    CHECK_FALSE(checked_chunk(manifest, 0, ""));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        CHECK_FALSE(checked_chunk(manifest, 0, changed));
    }
}

TEST_CASE("snapshot chunk: cut short, out of order or of other tables it is refused",
          "[snapshot]") {
    const auto bytes = consensus::encode(first);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(consensus::decode<SnapshotChunk>(ByteView(bytes).substr(0, size)));
    }
    for (const auto& bad :
         {chunk_of({}), chunk_of({{"\x02", ""}, {"\x01", ""}}),
          chunk_of({{"\x01", ""}, {"\x01", ""}}), chunk_of({{"", "1"}}), chunk_of({{"\xA0", "1"}}),
          chunk_of({{Bytes(SnapshotChunk::key_bytes_max + 1, 'k'), "1"}})}) {
        CHECK_FALSE(consensus::decode<SnapshotChunk>(consensus::encode(bad)));
    }
}

TEST_CASE("snapshot chunk: one that runs into the next is refused though its hash fits",
          "[snapshot]") {
    auto manifest = a_manifest({first, second});
    manifest.chunks[1].first_key =
        "\x01"
        "b";
    CHECK_FALSE(checked_chunk(manifest, 0, consensus::encode(first)));
}
