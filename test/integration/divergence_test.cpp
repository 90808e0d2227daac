#include <catch2/catch.hpp>
#include <csignal>

#include "ledger/state/merkle_tree.h"
#include "ledger/state_access.h"
#include "node/data_folder.h"
#include "node/kv/rocks_kv.h"
#include "node/storage/block_store.h"
#include "node/storage/state_view.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

/// Changes one record of a stopped node's state, and the recorded root with it, so that the node
/// itself cannot notice: what a bad disk controller or an intruder would do. Gives the key.
Bytes change_a_record(const std::string& data) {
    auto opened = node::RocksKv::open({.path = data + "/db",
                                       .schema_name = node::database_schema,
                                       .schema_version = node::database_schema_version});
    REQUIRE(opened);
    auto& kv = **opened;
    const ledger::ParticipantId whose{2};
    auto participant = *ledger::StateReader(node::KvStateView(kv)).participant(whose);
    participant.name += " (changed)";
    const auto key = ledger::keys::participant(whose.value);
    node::KvBatch change;
    change.put(key, ledger::encode(participant));
    REQUIRE(kv.write(change, node::KvSync::durable));
    const node::BlockStore store(kv);
    auto record = **store.executed(**store.executed_height());
    record.result.state_root = ledger::MerkleTree::build(node::KvWalkView(kv)).root();
    node::KvBatch root;
    node::put_executed(root, record);
    REQUIRE(kv.write(root, node::KvSync::durable));
    return key;
}

NodeProcess tool(Devnet& devnet, std::vector<std::string> words) {
    words.insert(words.begin(), {REMIT_BIN_DIR "/remit-node", "db"});
    words.insert(words.end(), {"--genesis", devnet.genesis_file()});
    return NodeProcess(words, devnet.folder_of(3) + "/" + words[2] + ".log");
}

}  // namespace

TEST_CASE("divergence: a node with another root stops voting, stays up and names the record",
          "[integration][divergence]") {
    Devnet devnet(4);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 3; ++i) {
        client.must_open();
    }
    devnet.process(3).signal(SIGTERM);
    REQUIRE(devnet.process(3).wait(20s) == 0);
    const auto key = change_a_record(devnet.data_folder(3));
    auto& diverged = devnet.start(3);
    // The others go on, and their results reach it.
    const bool explained = eventually([&] {
        client.must_open();
        return diverged.output().find("divergence_explained") != std::string::npos;
    });
    CAPTURE(diverged.output());
    REQUIRE(explained);
    CHECK_THAT(diverged.output(),
               Catch::Contains("receipts_stopped") && Catch::Contains("table_differs") &&
                   Catch::Contains("record_differs") && Catch::Contains(to_hex(key)) &&
                   Catch::Contains("records of this database were changed or lost"));
    // Up, but it votes nothing and gives no receipts.
    CHECK(http_get(devnet.ops_port(3), "/readyz").status == 503);
    CHECK(http_get(devnet.ops_port(3), "/metrics").body.find("\nremit_voting 0\n") !=
          std::string::npos);
    const MemberClient at_diverged(devnet, 3);
    CHECK(at_diverged.status().executed_height() > 0);
    CHECK_FALSE(at_diverged.submit(at_diverged.open_accounts()).is_final());

    // Offline the tools say the same, alone and against a sound node that is further.
    for (const std::size_t node : {0U, 3U}) {
        devnet.process(node).signal(SIGTERM);
        REQUIRE(devnet.process(node).wait(20s) == 0);
    }
    auto alone = tool(devnet, {"diff", "--data", devnet.data_folder(3)});
    REQUIRE(alone.wait(60s) == 7);
    CHECK_THAT(alone.output(), Catch::Contains("1 records differ, the first one in participant") &&
                                   Catch::Contains(to_hex(key)));
    auto against =
        tool(devnet, {"diff", "--data", devnet.data_folder(3), "--against", devnet.data_folder(0)});
    REQUIRE(against.wait(60s) == 7);
    CHECK_THAT(against.output(),
               Catch::Contains("1 records differ") && Catch::Contains("by the other's blocks"));
    auto sound = tool(devnet, {"diff", "--data", devnet.data_folder(0)});
    CHECK(sound.wait(60s) == 0);
    CHECK_THAT(sound.output(), Catch::Contains("no record differs"));
    auto digest = tool(devnet, {"digest", "--data", devnet.data_folder(0)});
    CHECK(digest.wait(60s) == 0);
    CHECK_THAT(digest.output(), Catch::Contains("  participant  "));
}

}  // namespace remit::test
