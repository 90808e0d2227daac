#include "node/snapshot/join.h"

#include <catch2/catch.hpp>

#include "node/snapshot/install.h"
#include "node/snapshot/server.h"
#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using consensus::ChunkAnswer;
using consensus::ChunkRequest;
using consensus::SnapshotAnswer;
using consensus::SnapshotRequest;
using consensus::ValidatorIndex;
using test::SingleNode;

namespace {

constexpr std::int64_t plenty = 1 << 30;

consensus::Params params_with_snapshots() {
    consensus::Params out;
    out.snapshot_interval = 8;
    out.snapshot_delay = 3;
    out.snapshot_chunk_bytes = 256;
    out.lag_max = 2;
    return out;
}

/// A node with a certified snapshot, its server, and somebody new who joins from it. Peers 1 and 2
/// are two faces of the one server.
struct Joining {
    SingleNode source{{}, params_with_snapshots()};
    BlockStore store{source.kv};
    KnownEpochs epochs{store, source.chain.validators, source.chain.params};
    std::unique_ptr<SnapshotServer> server;
    test::MemoryDisk disk;
    consensus::EngineConfig config;
    std::unique_ptr<SnapshotJoin> join;
    std::int64_t now = 10'000;
    std::map<ValidatorIndex, std::size_t> blamed;
    std::map<ValidatorIndex, std::size_t> chunks_from;
    /// Changes what a peer answers.
    std::function<void(ValidatorIndex, consensus::Message&)> lie;

    explicit Joining(std::int64_t bytes_per_second = plenty) {
        REQUIRE(source.start().empty());
        std::uint8_t next = 1;
        while (source.execution->height() < 24) {
            source.submit(source.opening(next++), 0);
            source.run_for(300);
        }
        server = std::make_unique<SnapshotServer>(SnapshotServer::Parts{
            *source.snapshots, store, epochs, bytes_per_second,
            [](const std::function<std::function<void()>()>& work) { work()(); }});
        config = source.chain.engine_config(0);
        open();
    }
    void open(consensus::Height executed = 0) {
        join = or_die(
            SnapshotJoin::open({disk, config, epochs, source.kv, "incoming", executed}, now));
    }
    void meet(const std::vector<ValidatorIndex>& peers) {
        consensus::PeerStatus status;
        status.finalised_height = source.execution->height();
        for (const auto peer : peers) {
            join->on_status(peer, status);
        }
    }
    /// Carries what both sides say until nothing is left to say, or so many chunks came.
    void talk(std::size_t chunks_max = 1'000'000) {
        std::size_t came = 0;
        while (came < chunks_max) {
            auto out = join->take_output();
            for (const auto& each : out.misbehaviour) {
                ++blamed[each.peer];
                join->on_disconnected(each.peer);
            }
            if (out.send.empty()) {
                return;
            }
            for (const auto& send : out.send) {
                ask(*send.to, send.message);
                for (auto& answer : server->take_output().send) {
                    came += came < chunks_max ? 1 : 0;
                    give(*answer.to, std::move(answer.message));
                }
            }
        }
    }
    void ask(ValidatorIndex peer, const consensus::Message& message) {
        if (const auto* request = std::get_if<SnapshotRequest>(&message)) {
            server->on_request(peer, *request, now);
        } else {
            server->on_request(peer, std::get<ChunkRequest>(message), now);
        }
    }
    void give(ValidatorIndex peer, consensus::Message message) {
        if (lie) {
            lie(peer, message);
        }
        auto back = consensus::decode_message(consensus::encode_message(message));
        REQUIRE(back);
        if (const auto* answer = std::get_if<SnapshotAnswer>(&*back)) {
            join->on_answer(peer, *answer, now);
        } else {
            ++chunks_from[peer];
            join->on_chunk(peer, std::get<ChunkAnswer>(*back), now);
        }
    }
    void turn(std::int64_t passed) {
        now += passed;
        join->on_time(now);
        CHECK(join->next_deadline().value_or(now + 1) > now);
        talk();
    }
    [[nodiscard]] bool installs() {
        test::MemoryDatabases databases;
        auto library = SnapshotLibrary::open({disk, databases, source.chain, "snapshots", at_once});
        auto paths = InstallPaths::in(".");
        paths.gathered = "incoming";
        return build_install({disk, databases, **library, source.chain, source.kv, paths, true})
            .has_value();
    }
};

}  // namespace

TEST_CASE("join: a new node gathers the newest certified snapshot from all who have it",
          "[snapshot]") {
    Joining joining;
    joining.turn(0);
    CHECK_FALSE(joining.join->chunks_missing());  // knows nobody
    joining.meet({1, 2});
    joining.turn(1);
    joining.turn(1000);
    REQUIRE(joining.join->complete());
    CHECK(joining.blamed.empty());
    CHECK(joining.chunks_from[1] > 0);
    CHECK(joining.chunks_from[2] > 0);
    CHECK(joining.join->next_deadline() == std::nullopt);
    CHECK(joining.installs());
    const auto& counts = joining.join->counts();
    CHECK(counts.chunks_fetched == joining.chunks_from[1] + joining.chunks_from[2]);
    CHECK(counts.chunks_fetched == joining.server->chunks_served());
    CHECK(counts.bytes_fetched > 0);
    CHECK(counts.bytes_fetched < joining.server->bytes_served());  // manifests are no chunks
    CHECK(counts.failed.empty());
    CHECK(joining.source.snapshots->made() == 3);  // at 8, 16 and 24
    const auto manifest = or_die(gathered_manifest(joining.disk, "incoming"));
    CHECK(manifest->height() >= 8);
}

TEST_CASE("join: whoever sends a wrong chunk is blamed and another one asked", "[snapshot]") {
    Joining joining;
    joining.lie = [](ValidatorIndex peer, consensus::Message& message) {
        if (auto* chunk = std::get_if<ChunkAnswer>(&message); chunk != nullptr && peer == 2) {
            chunk->bytes.back() = static_cast<char>(chunk->bytes.back() ^ 1);
        }
    };
    joining.meet({1, 2});
    joining.turn(1);
    for (int i = 0; i < 20 && !joining.join->complete(); ++i) {
        joining.meet({1, 2});  // it comes back, and is not asked again
        joining.turn(1000);
    }
    REQUIRE(joining.join->complete());
    CHECK(joining.blamed.size() == 1);
    CHECK(joining.blamed[2] == 1);
    CHECK(joining.chunks_from[2] <= 4);
    CHECK(joining.join->counts().failed ==
          std::map<SnapshotFlaw, std::uint64_t>{{SnapshotFlaw::bad_chunk, 1}});
    CHECK(joining.installs());
}

TEST_CASE("join: no manifest counts without the certificates of a quorum", "[snapshot]") {
    using Lie = std::function<void(SnapshotAnswer&)>;
    const std::vector<Lie> lies{
        [](auto& each) { each.manifest.back() = static_cast<char>(each.manifest.back() ^ 1); },
        [](auto& each) { each.manifest.clear(); },
        [](auto& each) { each.anchor.time_ms += 1; },
        [](auto& each) { each.anchor.exec.snapshot_root = Hash{}; },
        [](auto& each) { each.execution.result.state_root = each.anchor.parent_digest; },
        [](auto& each) { each.execution.signers.signatures[0].data[3] ^= 1; },
        [](auto& each) { each.finalization.signers.signatures[0].data[3] ^= 1; },
        [](auto& each) { each.finalization.kind = consensus::VoteKind::notarize; },
        [](auto& each) {  // a root and a certificate of its own making
            each.anchor.exec.snapshot_root = snapshot_root_of(each.manifest);
            each.execution.result = each.anchor.exec;
            each.finalization.digest = each.anchor.digest();
            each.execution.signers.signatures[0].data[3] ^= 1;
        }};
    for (std::size_t i = 0; i < lies.size(); ++i) {
        CAPTURE(i);
        Joining joining;
        joining.lie = [&](ValidatorIndex, consensus::Message& message) {
            if (auto* answer = std::get_if<SnapshotAnswer>(&message)) {
                lies[i](*answer);
            }
        };
        joining.meet({1});
        joining.turn(1);
        joining.turn(1000);
        CHECK(joining.blamed[1] == 1);
        CHECK_FALSE(joining.join->chunks_missing());
        CHECK_FALSE(joining.disk.exists("incoming/manifest"));
        // Without bytes there is no manifest; a changed one may still be readable.
        const auto& failed = joining.join->counts().failed;
        REQUIRE(failed.size() == 1);
        CHECK((failed.contains(SnapshotFlaw::bad_manifest) || i != 1));
        CHECK((failed.contains(SnapshotFlaw::uncertified_manifest) || i < 2));
    }
}

TEST_CASE("join: a manifest over the limit is no message, however long it says it is",
          "[snapshot]") {
    Joining joining;
    std::optional<SnapshotAnswer> honest;
    joining.lie = [&](ValidatorIndex, consensus::Message& message) {
        if (const auto* answer = std::get_if<SnapshotAnswer>(&message)) {
            honest = *answer;
        }
    };
    joining.meet({1});
    joining.turn(1);
    joining.turn(1000);
    REQUIRE(honest);
    const auto read = [](const SnapshotAnswer& answer) {
        return consensus::decode_message(consensus::encode_message(answer));
    };
    auto padded = *honest;
    padded.manifest.resize(consensus::limits::snapshot_manifest_bytes, 'x');
    CHECK(read(padded));
    // What is behind a manifest of the right length belongs to it: it cannot be read.
    CHECK_FALSE(consensus::decode<SnapshotManifest>(padded.manifest));
    padded.manifest += 'x';
    CHECK_FALSE(read(padded));
    // A length of 4 GiB in front of a few bytes reserves nothing.
    auto bytes = consensus::encode_message(*honest);
    const auto at = bytes.size() - honest->manifest.size() - 4;
    bytes.replace(at, 4, "\xff\xff\xff\xff", 4);
    CHECK_FALSE(consensus::decode_message(bytes));
    // Counts of names and chunks that the bytes do not hold are refused as well.
    auto manifest = honest->manifest;
    for (std::size_t i = 0; i + 4 <= manifest.size(); ++i) {
        auto lied = manifest;
        lied.replace(i, 4, "\xff\xff\xff\xff", 4);
        if (const auto decoded = consensus::decode<SnapshotManifest>(lied)) {
            CHECK(consensus::encode(*decoded) == lied);
        }
    }
}

TEST_CASE("join: an answer that is no manifest is blamed by its number", "[snapshot]") {
    Joining joining;
    joining.lie = [](ValidatorIndex, consensus::Message& message) {
        if (auto* answer = std::get_if<SnapshotAnswer>(&message)) {
            answer->manifest.resize(consensus::limits::snapshot_manifest_bytes, 'x');
        }
    };
    joining.meet({1});
    joining.join->on_time(joining.now);
    for (const auto& send : joining.join->take_output().send) {
        joining.ask(*send.to, send.message);
    }
    for (auto& answer : joining.server->take_output().send) {
        joining.give(*answer.to, std::move(answer.message));
    }
    const auto out = joining.join->take_output();
    REQUIRE(out.misbehaviour.size() == 1);
    CHECK(out.misbehaviour[0].peer == 1);
    CHECK(out.misbehaviour[0].reason == "snapshot: 1211 bad_manifest");
    CHECK_FALSE(joining.disk.exists("incoming/manifest"));
}

TEST_CASE("join: what was gathered is there after a crash, whatever the disk made of it",
          "[snapshot]") {
    Joining joining;
    joining.meet({1});
    joining.join->on_time(joining.now);
    joining.talk(6);
    const auto before = joining.join->chunks_missing();
    REQUIRE(before);
    REQUIRE(*before > 0);
    SECTION("killed") {
        joining.open();
        CHECK(joining.join->chunks_missing() == before);
    }
    SECTION("a chunk damaged") {
        auto bytes = joining.disk.bytes("incoming/chunk-00000000");
        bytes[9] = static_cast<char>(bytes[9] ^ 4);
        joining.disk.replace("incoming/chunk-00000000", bytes);
        joining.open();
        CHECK(joining.join->chunks_missing() == *before + 1);
    }
    SECTION("the power cut") {
        test::Prng random(3, "cut");
        joining.disk.cut_power(random);
        joining.open();
        CHECK(joining.join->chunks_missing().value_or(*before) >= *before);
    }
    SECTION("the manifest damaged") {
        joining.disk.damage("incoming/manifest", 70, 1);
        joining.open();
        CHECK_FALSE(joining.join->chunks_missing());
    }
    SECTION("blocks were faster") {
        joining.open(24);
        CHECK_FALSE(joining.join->chunks_missing());
        CHECK_FALSE(joining.disk.exists("incoming/manifest"));
        return;
    }
    joining.meet({1});
    joining.turn(1000);
    joining.turn(1000);
    REQUIRE(joining.join->complete());
    CHECK(joining.installs());
}

TEST_CASE("join: one that is not new joins only where blocks do not come", "[snapshot]") {
    Joining joining;
    joining.open(1);
    joining.meet({1});
    joining.turn(1000);
    joining.turn(3000);
    CHECK_FALSE(joining.join->chunks_missing());
    joining.join->on_executed(2, joining.now);
    joining.turn(4000);
    CHECK_FALSE(joining.join->chunks_missing());
    joining.turn(1500);  // five seconds and nothing new
    joining.turn(1000);
    CHECK(joining.join->complete());
}

TEST_CASE("join: one at the tip asks for nothing and wakes up for nothing", "[snapshot]") {
    Joining joining;
    joining.open(joining.source.execution->height());
    joining.meet({1, 2});
    CHECK(joining.join->next_deadline() == std::nullopt);
    joining.turn(60'000);
    CHECK(joining.join->take_output().send.empty());
    CHECK_FALSE(joining.join->chunks_missing());
}

TEST_CASE("join: a peer that lost the snapshot is passed over, a silent one waited out",
          "[snapshot]") {
    Joining joining;
    joining.lie = [](ValidatorIndex peer, consensus::Message& message) {
        if (auto* chunk = std::get_if<ChunkAnswer>(&message); chunk != nullptr) {
            if (peer == 1) {
                chunk->bytes.clear();
            } else if (peer == 2) {
                chunk->snapshot_root = Hash{};  // an answer to nothing
            }
        }
    };
    joining.meet({1, 2, 3});
    joining.turn(1);
    for (int i = 0; i < 40 && !joining.join->complete(); ++i) {
        joining.turn(1000);
    }
    CHECK(joining.join->complete());
    CHECK(joining.blamed.empty());
}

namespace {

/// A sound answer of long ago: nobody keeps that snapshot any more.
SnapshotAnswer outlived_answer(Joining& joining) {
    joining.server->on_request(9, SnapshotRequest{0, 1}, joining.now);
    auto sent = joining.server->take_output().send;
    REQUIRE(sent.size() == 1);
    const auto answer = std::get<SnapshotAnswer>(sent.front().message);
    const auto manifest = consensus::decode<SnapshotManifest>(answer.manifest);
    std::uint8_t next = 100;
    while (joining.source.execution->height() < manifest->height() + 30) {
        joining.source.submit(joining.source.opening(next++), 0);
        joining.source.run_for(300);
    }
    REQUIRE(joining.source.snapshots->find(manifest->root()) == nullptr);
    return answer;
}

}  // namespace

TEST_CASE("join: a snapshot that one silent peer alone offers is given up for a newer one",
          "[snapshot]") {
    Joining joining;
    const auto old = outlived_answer(joining);
    joining.lie = [&](ValidatorIndex peer, consensus::Message& message) {
        if (peer != 2) {
            return;
        }
        if (auto* answer = std::get_if<SnapshotAnswer>(&message); answer != nullptr) {
            *answer = old;
        } else if (auto* chunk = std::get_if<ChunkAnswer>(&message); chunk != nullptr) {
            chunk->snapshot_root = Hash{};  // as good as silent
        }
    };
    joining.meet({2});  // the others come late
    joining.turn(1);
    REQUIRE(joining.join->chunks_missing().value_or(0) > 0);
    joining.meet({1, 2, 3});
    for (int i = 0; i < 60 && !joining.join->complete(); ++i) {
        joining.turn(1000);
    }
    REQUIRE(joining.join->complete());
    const auto manifest = or_die(gathered_manifest(joining.disk, "incoming"));
    CHECK(manifest->root() != snapshot_root_of(old.manifest));
    CHECK(joining.installs());
    CHECK(joining.blamed.empty());
}

TEST_CASE("join: the newest of several answers is taken, whichever comes first", "[snapshot]") {
    Joining joining;
    const auto old = outlived_answer(joining);
    joining.lie = [&](ValidatorIndex peer, consensus::Message& message) {
        if (auto* answer = std::get_if<SnapshotAnswer>(&message); peer == 1 && answer != nullptr) {
            *answer = old;
        }
    };
    joining.meet({1, 2, 3});
    joining.turn(1);
    const auto manifest = or_die(gathered_manifest(joining.disk, "incoming"));
    REQUIRE(manifest);
    CHECK(manifest->root() != snapshot_root_of(old.manifest));
}

TEST_CASE("join: peers that were all silent for a while are asked again", "[snapshot]") {
    Joining joining;
    bool silent = true;
    joining.lie = [&](ValidatorIndex, consensus::Message& message) {
        if (auto* chunk = std::get_if<ChunkAnswer>(&message); silent && chunk != nullptr) {
            chunk->snapshot_root = Hash{};
        }
    };
    joining.meet({1, 2});
    for (int i = 0; i < 60; ++i) {
        joining.turn(1000);
    }
    CHECK_FALSE(joining.join->complete());
    silent = false;
    for (int i = 0; i < 20 && !joining.join->complete(); ++i) {
        joining.turn(1000);
    }
    CHECK(joining.join->complete());
}

namespace {

/// One of four validators that hears the other three; nothing moves.
struct OneOfFour {
    SingleNode node{{}, params_with_snapshots(), 4};
    BlockStore store{node.kv};
    KnownEpochs epochs{store, node.chain.validators, node.chain.params};
    consensus::EngineConfig config = node.chain.engine_config(0);
    test::MemoryDisk disk;
    std::unique_ptr<SnapshotJoin> join =
        or_die(SnapshotJoin::open({disk, config, epochs, node.kv, "incoming", 20}, 0));

    void claim(ValidatorIndex peer, consensus::Height height) const {
        consensus::PeerStatus status;
        status.finalised_height = height;
        join->on_status(peer, status);
    }
};

}  // namespace

TEST_CASE("join: f validators that claim a height in the clouds make nobody ask", "[snapshot]") {
    const OneOfFour one;
    one.claim(1, 20);
    one.claim(2, 20);
    one.claim(3, 1'000'000);
    for (ValidatorIndex guest = 7; guest < 12; ++guest) {
        one.claim(guest, 1'000'000);  // in no set that is known here
    }
    one.join->on_time(60'000);
    CHECK(one.join->take_output().send.empty());
    CHECK(one.join->next_deadline() == std::nullopt);
    one.claim(2, 1'000'000);  // two of four: one of them is honest
    one.join->on_time(61'000);
    CHECK_FALSE(one.join->take_output().send.empty());
}

TEST_CASE("join: whoever sends a wrong way into the next epoch is blamed", "[snapshot]") {
    const OneOfFour one;
    consensus::HandOver way;
    way.next.params = one.node.chain.params;
    way.next.set = consensus::ValidatorSet(2, one.node.chain.validators.validators());
    way.headers = {one.config.genesis};
    REQUIRE(way.epoch() == 2);
    one.join->on_hand_over(3, way);
    auto blamed = one.join->take_output().misbehaviour;
    REQUIRE(blamed.size() == 1);
    CHECK(blamed.front().peer == 3);
    way.next.set = consensus::ValidatorSet(5, way.next.set.validators());
    one.join->on_hand_over(2, way);  // says nothing that can be judged
    CHECK(one.join->take_output().misbehaviour.empty());
}

namespace {

class CountingReader final : public KvReader {
public:
    explicit CountingReader(const KvReader& under) : under_(under) {}
    [[nodiscard]] Result<std::optional<Bytes>, IoError> get(ByteView key) const override {
        ++reads;
        return under_.get(key);
    }
    Status<IoError> scan(ByteView from, ByteView until, const KvVisitor& visit) const override {
        ++reads;
        return under_.scan(from, until, visit);
    }
    Status<IoError> scan_back(ByteView from, ByteView until,
                              const KvVisitor& visit) const override {
        ++reads;
        return under_.scan_back(from, until, visit);
    }
    mutable std::size_t reads = 0;

private:
    const KvReader& under_;
};

}  // namespace

TEST_CASE("snapshot server: whoever has the newest one already costs no search", "[snapshot]") {
    Joining joining;
    const CountingReader reader(joining.source.kv);
    const BlockStore counted(reader);
    SnapshotServer server({*joining.source.snapshots, counted, joining.epochs, plenty,
                           [](const std::function<std::function<void()>()>& work) { work()(); }});
    server.on_request(1, SnapshotRequest{joining.source.execution->height(), 1}, joining.now);
    CHECK(server.take_output().send.empty());
    CHECK(reader.reads < 12);
}

TEST_CASE("snapshot server: the bucket paces it and nothing is lost", "[snapshot]") {
    Joining joining(2000);
    joining.meet({1});
    joining.turn(1);
    int turns = 0;
    for (; turns < 2000 && !joining.join->complete(); ++turns) {
        joining.now += 20;
        joining.server->on_time(joining.now);
        for (auto& answer : joining.server->take_output().send) {
            joining.give(*answer.to, std::move(answer.message));
        }
        joining.turn(0);
    }
    REQUIRE(joining.join->complete());
    const auto seconds = static_cast<double>(turns) * 0.02;
    CHECK(static_cast<double>(joining.server->bytes_served()) <= 2000 * (seconds + 2) + 4000);
    CHECK(seconds > 2);
}

TEST_CASE("snapshot server: a peer that asks without end waits behind its own questions",
          "[snapshot]") {
    Joining joining(1);
    const auto kept = joining.source.snapshots->find(
        or_die(joining.store.executed(joining.source.execution->height()))->result.snapshot_root);
    REQUIRE(kept);
    for (std::uint32_t i = 0; i < 1000; ++i) {
        joining.server->on_request(1, ChunkRequest{kept->root, i % 3}, joining.now);
    }
    CHECK(joining.server->take_output().send.size() <= 2);
    joining.server->on_request(1, SnapshotRequest{0, 1}, joining.now);
    CHECK(joining.server->take_output().send.empty());
    CHECK(joining.server->next_deadline().value_or(0) > joining.now);
}
