#include <catch2/catch.hpp>

#include "ledger/state/memory_view.h"
#include "ledger/state/merkle_tree.h"
#include "node/replica/verify_database.h"
#include "node/snapshot/builder.h"
#include "node/snapshot/install.h"
#include "node/snapshot/join.h"
#include "node/snapshot/prune.h"
#include "node/storage/key_schema.h"
#include "node/storage/state_view.h"
#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using test::SingleNode;

namespace {

consensus::Params params_with_snapshots() {
    consensus::Params out;
    out.snapshot_interval = 8;
    out.snapshot_delay = 3;
    out.snapshot_chunk_bytes = 512;
    return out;
}

/// Submits openings until the chain has this height.
void grow(SingleNode& node, consensus::Height height, std::uint8_t& next) {
    while (node.execution->height() < height) {
        node.submit(node.opening(next++), 0);
        node.run_for(300);
        REQUIRE(node.stops.empty());
    }
}

struct Grown {
    SingleNode node;
    std::uint8_t next = 1;
    explicit Grown(consensus::Height height, CheckpointPolicy policy = {})
        : node(policy, params_with_snapshots()) {
        REQUIRE(node.start().empty());
        grow(node, height, next);
    }
    [[nodiscard]] Hash root_at(consensus::Height height) const {
        return or_die(BlockStore(node.kv).executed(height))->result.snapshot_root;
    }
};

/// Puts a kept snapshot's manifest and chunks where a join would have them.
void gather(SingleNode& from, consensus::Height height, test::MemoryDisk& disk) {
    const auto kept = from.snapshots->at(height);
    REQUIRE(kept);
    disk.replace("./incoming/manifest", kept->root.bytes() + *kept->bytes);
    for (std::size_t i = 0; i < kept->manifest.chunks.size(); ++i) {
        disk.replace(gathered_chunk_path("./incoming", i), *from.snapshots->chunk(kept, i));
    }
}

}  // namespace

TEST_CASE("snapshot: results name the one of kS from kS + D on", "[snapshot]") {
    Grown grown(20);
    for (consensus::Height height = 1; height < 11; ++height) {
        CHECK(grown.root_at(height) == Hash{});
    }
    const auto kept = grown.node.snapshots->at(8);
    REQUIRE(kept);
    CHECK(kept->manifest.height() == 8);
    CHECK(kept->manifest.chunks.size() > 3);
    for (consensus::Height height = 11; height < 19; ++height) {
        CHECK(grown.root_at(height) == kept->root);
    }
    CHECK(grown.root_at(19) == grown.node.snapshots->at(16)->root);
    CHECK(grown.root_at(19) != kept->root);
}

TEST_CASE("snapshot: its chunks hold the state of its height, not a later one", "[snapshot]") {
    Grown grown(8);
    ledger::MemoryView then;
    REQUIRE(grown.node.kv.scan("", keys::end_of_state(), [&](ByteView key, ByteView value) {
        then.put(Bytes(key), Bytes(value));
        return true;
    }));
    grow(grown.node, 13, grown.next);
    const auto kept = grown.node.snapshots->at(8);
    std::map<Bytes, Bytes, std::less<>> records;
    for (std::size_t i = 0; i < kept->manifest.chunks.size(); ++i) {
        const auto bytes = grown.node.snapshots->chunk(kept, i);
        REQUIRE(bytes);
        const auto chunk = checked_chunk(kept->manifest, i, *bytes);
        REQUIRE(chunk);
        records.insert(chunk->records.begin(), chunk->records.end());
    }
    CHECK(records.size() == kept->manifest.records);
    CHECK(std::equal(records.begin(), records.end(), then.records().begin(), then.records().end()));
}

TEST_CASE("snapshot: a power cut anywhere between the copy and the root loses nothing",
          "[snapshot]") {
    std::optional<Hash> expected;
    for (std::uint64_t cut = 1; cut < 60; ++cut) {
        SingleNode node({.blocks = 3, .interval_ms = 100}, params_with_snapshots());
        REQUIRE(node.start().empty());
        std::uint8_t next = 1;
        grow(node, 6, next);
        auto left = cut;
        node.databases.before_write = [&] {
            if (left > 0 && --left == 0) {
                throw test::PowerLoss{};
            }
        };
        bool lost = false;
        try {
            grow(node, 12, next);
        } catch (const test::PowerLoss&) {
            lost = true;
        }
        node.databases.before_write = nullptr;
        node.stop(true);
        CAPTURE(cut);
        REQUIRE(node.start().empty());
        grow(node, 14, next);
        CHECK(or_die(BlockStore(node.kv).executed(12))->result.snapshot_root ==
              node.snapshots->at(8)->root);
        if (!lost) {
            break;
        }
    }
}

TEST_CASE("snapshot: one that is missing while its root is owed stops the start", "[snapshot]") {
    Grown grown(9);
    grown.node.stop(false);
    REQUIRE(grown.node.databases.remove("snapshots/00000000000000000008.db"));
    CHECK_THAT(grown.node.start(), Catch::Contains("snapshot 8 is missing"));
}

TEST_CASE("snapshot: a manifest that was lost or damaged is built again", "[snapshot]") {
    Grown grown(9);
    const auto root = grown.node.snapshots->at(8)->root;
    const std::string file = "snapshots/00000000000000000008.manifest";
    SECTION("lost") {
        grown.node.stop(false);
        REQUIRE(grown.node.disk.remove(file));
    }
    SECTION("its root damaged") {
        grown.node.stop(false);
        grown.node.disk.damage(file, 3, 1);
    }
    SECTION("a hash in it damaged, so that it still reads well") {
        grown.node.stop(false);
        grown.node.disk.damage(file, grown.node.disk.bytes(file).size() - 40, 1);
    }
    REQUIRE(grown.node.start().empty());
    CHECK(grown.node.snapshots->at(8)->root == root);
}

TEST_CASE("snapshot: a node installed from one has the same state and goes on alike",
          "[snapshot]") {
    Grown source(20);
    SingleNode joiner({}, params_with_snapshots());
    REQUIRE(joiner.start().empty());
    gather(source.node, 16, joiner.disk);
    const auto paths = InstallPaths::in(".");
    REQUIRE(build_install(
        {joiner.disk, joiner.databases, *joiner.snapshots, joiner.chain, joiner.kv, paths, true}));
    CHECK(joiner.disk.exists("./incoming/ready"));
    joiner.stop(false);
    REQUIRE(finish_install(joiner.disk, joiner.databases, paths) == true);
    CHECK_FALSE(joiner.disk.exists("./incoming/ready"));

    auto& installed = joiner.databases.at("./db");
    const BlockStore store(installed);
    CHECK(or_die(store.executed_height()) == 16);
    CHECK(or_die(store.base())->height == 16);
    const auto expected = or_die(BlockStore(source.node.kv).executed(16));
    CHECK(or_die(store.executed(16))->result == expected->result);
    CHECK(ledger::MerkleTree::build(KvWalkView(installed)).root() == expected->result.state_root);

    // The blocks above it give the same results, snapshot roots included.
    auto library =
        SnapshotLibrary::open({joiner.disk, joiner.databases, joiner.chain, "snapshots", at_once});
    REQUIRE(library);
    ItemChecker checker(joiner.chain.id);
    ReadModel reads(installed, joiner.chain.id, joiner.chain.validators);
    class StillClock final : public Clock {
        [[nodiscard]] std::int64_t mono_ms() const override { return 0; }
        [[nodiscard]] std::int64_t wall_ms() const override { return 0; }
    } clock;
    auto execution = Execution::open({installed, clock, checker, reads, library->get()},
                                     joiner.genesis_file, {});
    REQUIRE(execution);
    CHECK(reads.forgotten_height() == 16);
    grow(source.node, 29, source.next);
    const BlockStore blocks(source.node.kv);
    for (consensus::Height height = 17; height <= 29; ++height) {
        const auto block = or_die(blocks.block(height, 1));
        consensus::Commit commit;
        commit.header = block->header;
        commit.digest = block->header.digest();
        for (const auto& entry : block->header.batches) {
            commit.batches.push_back(or_die(blocks.batch(entry.digest)));
        }
        CHECK((*execution)->execute(commit).result == or_die(blocks.executed(height))->result);
    }
    CHECK((*library)->at(24)->root == source.node.snapshots->at(24)->root);
}

TEST_CASE("snapshot: nothing that does not agree is installed", "[snapshot]") {
    Grown source(20);
    SingleNode joiner({}, params_with_snapshots());
    REQUIRE(joiner.start().empty());
    gather(source.node, 16, joiner.disk);
    SECTION("a damaged chunk") {
        joiner.disk.damage("./incoming/chunk-00000001", 20, 1);
    }
    SECTION("a damaged manifest") {
        joiner.disk.damage("./incoming/manifest", 90, 1);
    }
    SECTION("a manifest whose chunks do not make its state root") {
        auto manifest = source.node.snapshots->at(16)->manifest;
        manifest.result.state_root = manifest.result.receipts_root;
        joiner.disk.replace("./incoming/manifest",
                            manifest.root().bytes() + consensus::encode(manifest));
    }
    SECTION("a manifest without the last chunk") {
        auto manifest = source.node.snapshots->at(16)->manifest;
        manifest.records -= manifest.chunks.back().records;
        manifest.chunks.pop_back();
        joiner.disk.replace("./incoming/manifest",
                            manifest.root().bytes() + consensus::encode(manifest));
    }
    const auto paths = InstallPaths::in(".");
    const auto built = build_install(
        {joiner.disk, joiner.databases, *joiner.snapshots, joiner.chain, joiner.kv, paths, true});
    REQUIRE_FALSE(built);
    CHECK(built.error().failure == IoFailure::corrupt);
    CHECK_FALSE(joiner.disk.exists("./incoming/ready"));
}

TEST_CASE("snapshot: a crash anywhere in the exchange of databases is gone on from", "[snapshot]") {
    for (std::uint64_t cut = 1; cut < 20; ++cut) {
        test::MemoryDisk disk;
        test::MemoryDatabases databases;
        KvBatch old_one;
        old_one.put("old", "1");
        KvBatch new_one;
        new_one.put("new", "2");
        REQUIRE(databases.at("./db").write(old_one, KvSync::durable));
        REQUIRE(databases.at("./incoming.db").write(new_one, KvSync::durable));
        disk.replace("./incoming/ready", "new\n");
        disk.replace("./incoming/manifest", "m");
        disk.replace("./journal/high_water", "h");
        auto left = cut;
        databases.before_write = [&] {
            if (left > 0 && --left == 0) {
                throw test::PowerLoss{};
            }
        };
        bool lost = false;
        try {
            // Not inside REQUIRE, which would catch the loss of power itself.
            const auto done = finish_install(disk, databases, InstallPaths::in("."));
            REQUIRE(done);
        } catch (const test::PowerLoss&) {
            lost = true;
        }
        CAPTURE(cut);
        REQUIRE(finish_install(disk, databases, InstallPaths::in(".")) == lost);
        CHECK(databases.at("./db").records().contains("new"));
        CHECK_FALSE(databases.at("./db").records().contains("old"));
        CHECK_FALSE(databases.exists("./replaced.db"));
        CHECK_FALSE(databases.exists("./incoming.db"));
        CHECK_FALSE(disk.exists("./incoming/manifest"));
        CHECK_FALSE(disk.exists("./journal/high_water"));
        if (!lost) {
            CHECK(cut > 3);
            break;
        }
    }
}

TEST_CASE("snapshot: who cannot read whether it was new asks before it votes", "[snapshot]") {
    struct Case {
        std::string word;
        bool keeps_mark;
    };
    const auto each = GENERATE(Case{"\n", true}, Case{"new\n", false}, Case{"nev\n", false},
                               Case{"new\x0b", false}, Case{"\x0b", false}, Case{"", false});
    CAPTURE(each.word);
    test::MemoryDisk disk;
    test::MemoryDatabases databases;
    KvBatch state;
    state.put("new", "2");
    REQUIRE(databases.at("./incoming.db").write(state, KvSync::durable));
    disk.replace("./incoming/ready", each.word);
    disk.replace("./journal/high_water", "h");
    REQUIRE(finish_install(disk, databases, InstallPaths::in(".")) == true);
    CHECK(disk.exists("./journal/high_water") == each.keeps_mark);
    CHECK(databases.at("./db").records().contains("new"));
    CHECK_FALSE(disk.exists("./incoming/ready"));
}

TEST_CASE("snapshot: pruning lets go of history alone, and the same snapshots follow",
          "[snapshot]") {
    Grown archive(30);
    Grown pruned(30, {.prune = true});
    CHECK(archive.root_at(30) == pruned.root_at(30));
    const BlockStore store(pruned.node.kv);
    const auto base = or_die(store.base());
    REQUIRE(base);
    const auto height = base->height;
    CHECK((height == 8 || height == 16));  // as far as the chain has anchored
    CHECK(pruned.node.reads->forgotten_height() == height);
    CHECK(pruned.node.kv.disk_bytes() < archive.node.kv.disk_bytes());
    CHECK_FALSE(or_die(store.block(height - 1, 1)));
    CHECK(or_die(store.block(height, 1)));
    CHECK_FALSE(pruned.node.reads->block(height));
    CHECK(pruned.node.reads->block(height + 1));
    CHECK_FALSE(pruned.node.reads->executed(3));
    CHECK(pruned.node.reads->latest()->state_root == archive.node.reads->latest()->state_root);
    CHECK(pruned.node.snapshots->heights().front() == height);
    const auto copy =
        pruned.node.databases.open("snapshots/" + std::string(height < 10 ? "0" : "") +
                                   "000000000000000000" + std::to_string(height) + ".db");
    REQUIRE(copy);
    const auto report = verify_database(pruned.node.kv, pruned.node.genesis_file, copy->get());
    if (!report) {
        FAIL(report.error().record << ": " << report.error().text);
    }
    CHECK(report->base == height);
    CHECK(report->height == 30);
    CHECK_FALSE(verify_database(pruned.node.kv, pruned.node.genesis_file));

    // It restarts, goes on and answers the same body as one that took effect long ago.
    pruned.node.stop(true);
    REQUIRE(pruned.node.start().empty());
    CHECK(pruned.node.reads->forgotten_height() == height);
    grow(pruned.node, 32, pruned.next);
    pruned.node.answers.clear();
    pruned.node.submit(pruned.node.opening(1), 2000);
    pruned.node.run_for(3000);
    REQUIRE(pruned.node.answers.size() == 1);
    CHECK(pruned.node.answers[0].outcome == SubmitAnswer::Outcome::pruned);
}
