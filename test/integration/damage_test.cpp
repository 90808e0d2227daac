#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

namespace fs = std::filesystem;

void flip_byte(const fs::path& file, std::uintmax_t offset) {
    std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
    io.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(io.get() ^ 0x55);
    io.seekp(static_cast<std::streamoff>(offset));
    io.put(byte);
    REQUIRE(io.flush());
}

/// Largest file in a folder whose name ends so.
fs::path largest(const fs::path& folder, const std::string& suffix) {
    fs::path out;
    std::uintmax_t size = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().string().ends_with(suffix) &&
            entry.file_size() >= size) {
            size = entry.file_size();
            out = entry.path();
        }
    }
    return out;
}

/// Offset behind the last byte that is not zero: the end of what a preallocated file holds.
std::uintmax_t written_end(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return bytes.find_last_not_of('\0') + 1;
}

/// A network of one with some blocks behind it, stopped cleanly.
void run_and_stop(Devnet& devnet) {
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 8; ++i) {
        client.must_open(20);
    }
    devnet.process(0).signal(SIGTERM);
    REQUIRE(devnet.process(0).wait(10s) == 0);
}

NodeProcess verify(Devnet& devnet) {
    return NodeProcess({REMIT_BIN_DIR "/remit-node", "db", "verify", "--data",
                        devnet.data_folder(0), "--genesis", devnet.genesis_file()},
                       devnet.folder_of(0) + "/verify.log");
}

}  // namespace

TEST_CASE("db verify: a sound database is counted through", "[integration]") {
    Devnet devnet(1);
    run_and_stop(devnet);
    auto checked = verify(devnet);
    CAPTURE(checked.output());
    REQUIRE(checked.wait(30s) == 0);
    REQUIRE_THAT(checked.output(),
                 Catch::Contains("receipts    160") && Catch::Contains("all sound"));
}

TEST_CASE("damage: a flipped byte in a table of the database is found", "[integration]") {
    Devnet devnet(1);
    run_and_stop(devnet);
    // A second run turns the log of the first into tables.
    devnet.start_all();
    devnet.process(0).signal(SIGTERM);
    REQUIRE(devnet.process(0).wait(10s) == 0);
    const auto table = largest(devnet.data_folder(0) + "/db", ".sst");
    REQUIRE_FALSE(table.empty());
    flip_byte(table, fs::file_size(table) / 3);
    auto checked = verify(devnet);
    REQUIRE(checked.wait(30s) == 7);
    REQUIRE_THAT(checked.output(), Catch::Contains("error: db verify"));
    const auto status = devnet.start(0).wait(20s);
    CAPTURE(devnet.process(0).output());
    REQUIRE((status == 7 || status == 70));
}

TEST_CASE("damage: a flipped byte in the database's log is refused", "[integration]") {
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 20; ++i) {
        client.must_open(20);
    }
    devnet.process(0).kill();
    const auto log = largest(devnet.data_folder(0) + "/db", ".log");
    REQUIRE_FALSE(log.empty());
    flip_byte(log, written_end(log) / 2);
    const auto status = devnet.start(0).wait(20s);
    CAPTURE(devnet.process(0).output());
    REQUIRE(status == 7);
}

TEST_CASE("damage: a torn tail of the journal is cut off and the node starts", "[integration]") {
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    devnet.process(0).kill();
    const auto segment = largest(devnet.data_folder(0) + "/journal", "");
    const auto end = written_end(segment);
    // Half of a record that no sync covered.
    std::fstream io(segment, std::ios::in | std::ios::out | std::ios::binary);
    io.seekp(static_cast<std::streamoff>(end));
    io << std::string("\x00\x00\x00\x80half a record", 17);
    io.close();
    devnet.start_all();
    MemberClient(devnet, 0).must_open();
}

TEST_CASE("damage: a flipped byte in the middle of the journal is refused", "[integration]") {
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    devnet.process(0).kill();
    const auto segment = largest(devnet.data_folder(0) + "/journal", "");
    flip_byte(segment, written_end(segment) / 2);
    const auto status = devnet.start(0).wait(20s);
    CAPTURE(devnet.process(0).output());
    REQUIRE(status == 7);
    REQUIRE_THAT(devnet.process(0).output(), Catch::Contains("journal"));
}

TEST_CASE("damage: one of four with a damaged journal asks the others and votes again",
          "[integration][amnesia]") {
    Devnet devnet(4);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    devnet.process(3).kill();
    const auto segment = largest(devnet.data_folder(3) + "/journal", ".journal");
    flip_byte(segment, written_end(segment) / 2);
    devnet.process(2).kill();
    devnet.start(3);
    const auto has = [](const std::string& metrics, const std::string& line) {
        return metrics.find("\n" + line + "\n") != std::string::npos;
    };
    const auto metrics = [&] { return http_get(devnet.ops_port(3), "/metrics").body; };
    // From its first answer on it says that it does not vote. All others must be there for that.
    std::string first;
    REQUIRE(eventually([&] { return !(first = metrics()).empty(); }));
    CHECK(has(first, "remit_votes_lost 1"));
    CHECK(has(first, "remit_voting 0"));
    // It votes again two views on, which the others make though nobody pays.
    devnet.start(2);
    const bool votes = eventually([&] {
        const auto now = metrics();
        return has(now, "remit_votes_lost 0") && has(now, "remit_voting 1");
    });
    CAPTURE(devnet.process(3).output());
    REQUIRE(votes);
    CHECK_THAT(devnet.process(3).output(), Catch::Contains("votes_lost"));
    CHECK(fs::exists(segment.parent_path() / ("lost-2-" + segment.filename().string())));
    // Its vote counts: without another validator nothing would be final otherwise.
    devnet.process(2).kill();
    client.must_open();
    client.must_open();
}

TEST_CASE("damage: a lost database beside a journal is refused", "[integration]") {
    Devnet devnet(1);
    // Every block durable at once: the journal keeps none of them and says how high they went.
    devnet.start(0, {"--set", "store.checkpoint_blocks=1"});
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(0), "/readyz").status == 200; }));
    const MemberClient client(devnet, 0);
    client.must_open();
    client.must_open();
    devnet.process(0).kill();
    fs::remove_all(devnet.data_folder(0) + "/db");
    const auto status = devnet.start(0).wait(20s);
    CAPTURE(devnet.process(0).output());
    REQUIRE(status == 7);
}

// RocksDB opens a database whose log is gone, or ends early, without a word (reliability.md 0.2,
// F5).
TEST_CASE("damage: a database's log that is gone or cut loses nothing that was acknowledged",
          "[integration]") {
    const bool cut = GENERATE(false, true);
    const std::size_t validators = GENERATE(1U, 4U);
    const auto checkpoints = GENERATE("1", "100000");
    CAPTURE(cut, validators, checkpoints);
    Devnet devnet(validators);
    const auto victim = validators - 1;
    const std::vector<std::string> extra{"--set",
                                         std::string("store.checkpoint_blocks=") + checkpoints,
                                         "--set", "store.checkpoint_interval=1h"};
    for (std::size_t node = 0; node < validators; ++node) {
        devnet.start(node, extra);
    }
    const auto is_ready = [&](std::size_t node) {
        return http_get(devnet.ops_port(node), "/readyz").status == 200;
    };
    for (std::size_t node = 0; node < validators; ++node) {
        REQUIRE(eventually([&] { return is_ready(node); }));
    }
    std::vector<std::string> acknowledged;
    {
        const MemberClient client(devnet, victim);
        for (int i = 0; i < 10; ++i) {
            acknowledged.push_back(client.must_open(20).transaction_id());
        }
    }
    devnet.process(victim).kill();
    const auto log = largest(devnet.data_folder(victim) + "/db", ".log");
    REQUIRE_FALSE(log.empty());
    if (cut) {
        fs::resize_file(log, written_end(log) / 2);
    } else {
        fs::remove(log);
    }
    devnet.start(victim, extra);
    std::optional<int> ended;
    const bool decided = eventually([&] {
        ended = devnet.process(victim).wait(10ms);
        return ended || is_ready(victim);
    });
    CAPTURE(devnet.process(victim).output());
    REQUIRE(decided);
    if (ended) {
        // It knows that something is missing, and says so.
        CHECK(*ended == 7);
        CHECK_THAT(devnet.process(victim).output(), Catch::Contains("error: "));
        return;
    }
    const MemberClient again(devnet, victim);
    for (const auto& id : acknowledged) {
        v1::GetTransactionRequest request;
        request.set_transaction_id(id);
        v1::GetTransactionResponse found;
        const bool is_final = eventually([&] {
            return again.call(&v1::LedgerService::Stub::GetTransaction, request, found).ok() &&
                   found.state() == v1::TRANSACTION_STATE_FINAL;
        });
        REQUIRE(is_final);
        CHECK_FALSE(found.receipts(0).has_refusal());
    }
    again.must_open();
}

}  // namespace remit::test
