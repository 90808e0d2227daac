#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "test/support/devnet/governance.h"

using namespace std::chrono_literals;

namespace remit::test {

namespace {

const std::vector<std::string> pruning{"--set", "store.prune=true", "--set",
                                       "store.checkpoint_blocks=8"};

consensus::Params params_with_snapshots() {
    consensus::Params out;
    out.snapshot_interval = 24;
    out.snapshot_delay = 6;
    out.snapshot_chunk_bytes = 256;  // many chunks of a small state
    out.lag_max = 16;
    return out;
}

/// Four nodes; the first three let go of what snapshots cover.
struct Pruned {
    Devnet devnet{4, params_with_snapshots()};
    std::string first_id;

    void start_pruning(std::size_t nodes) {
        for (std::size_t i = 0; i < nodes; ++i) {
            devnet.start(i, pruning);
        }
        for (std::size_t i = 0; i < nodes; ++i) {
            CAPTURE(devnet.process(i).output());
            REQUIRE(eventually(
                [&] { return http_get(devnet.ops_port(i), "/readyz").status == 200; }, 120s));
        }
    }
    [[nodiscard]] grpc::Status ask_block(std::size_t node, std::uint64_t height) const {
        v1::GetBlockRequest request;
        request.set_height(height);
        v1::GetBlockResponse block;
        return MemberClient(devnet, node).call(&v1::LedgerService::Stub::GetBlock, request, block);
    }
    /// Opens accounts until the three have let go of height 1.
    void grow_until_pruned() {
        const MemberClient client(devnet, 0);
        for (int i = 0; i < 400; ++i) {
            const auto id = client.must_open(3).transaction_id();
            first_id = first_id.empty() ? id : first_id;
            if (i % 10 == 9 && reason_of(ask_block(0, 30)) == "HISTORY_PRUNED" &&
                reason_of(ask_block(1, 30)) == "HISTORY_PRUNED" &&
                reason_of(ask_block(2, 30)) == "HISTORY_PRUNED") {
                return;
            }
        }
        FAIL("nothing was pruned");
    }
    /// The node has the same state at the same height as another one.
    void require_equal(std::size_t node) {
        CAPTURE(devnet.process(node).output());
        const MemberClient client(devnet, 0);
        const MemberClient other(devnet, node);
        const auto height = client.must_open().receipts(0).height();
        // It starts again to install, and answers nobody meanwhile.
        REQUIRE(eventually(
            [&] {
                v1::GetNodeStatusResponse now;
                return other
                           .call(&v1::LedgerService::Stub::GetNodeStatus,
                                 v1::GetNodeStatusRequest{}, now)
                           .ok() &&
                       now.executed_height() >= height;
            },
            120s));
        REQUIRE(eventually([&] { return ask_block(node, height).ok(); }, 60s));
        const auto here = other.block(height);
        const auto there = client.block(height);
        REQUIRE(here.state_root() == there.state_root());
        REQUIRE(here.receipts_root() == there.receipts_root());
        REQUIRE(here.digest() == there.digest());
    }
    void require_sound(std::size_t node) {
        devnet.process(node).signal(SIGTERM);
        REQUIRE(devnet.process(node).wait() == 0);
        NodeProcess verify({REMIT_BIN_DIR "/remit-node", "db", "verify", "--data",
                            devnet.data_folder(node), "--genesis", devnet.genesis_file()},
                           devnet.folder_of(node) + "/verify");
        const auto status = verify.wait(120s);
        CAPTURE(verify.output());
        REQUIRE(status == 0);
        REQUIRE(verify.output().find("all sound") != std::string::npos);
    }
};

}  // namespace

TEST_CASE("snapshot: an empty node joins peers that have let go of the first blocks",
          "[integration]") {
    Pruned network;
    network.start_pruning(3);
    network.grow_until_pruned();
    const MemberClient client(network.devnet, 0);

    network.devnet.start(3);
    auto& joiner = network.devnet.process(3);
    const bool installed = eventually(
        [&] { return joiner.output().find("snapshot_installed") != std::string::npos; }, 180s);
    CAPTURE(joiner.output());
    REQUIRE(installed);
    REQUIRE(eventually(
        [&] { return http_get(network.devnet.ops_port(3), "/readyz").status == 200; }, 120s));
    network.require_equal(3);
    const auto gauge = [&](std::size_t node, const std::string& name) {
        return metric(network.devnet.ops_port(node), name);
    };
    CHECK(gauge(3, "remit_snapshots_installed_total") == 1);
    CHECK(gauge(0, "remit_snapshots_installed_total") == 0);
    CHECK(gauge(0, "remit_snapshots_made_total") > 0);
    double served = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        served += gauge(i, "remit_snapshot_chunks_served_total");
    }
    CHECK(served > 0);
    CHECK(gauge(3, "remit_snapshots_failed_total{reason=\"bad_chunk\"}") == 0);

    // What is old is said to be, by its number; what took effect stays so.
    REQUIRE(reason_of(network.ask_block(3, 1)) == "HISTORY_PRUNED");
    REQUIRE(reason_of(network.ask_block(0, 1)) == "HISTORY_PRUNED");
    v1::WatchEventsRequest watch;
    watch.set_from_height(1);
    grpc::ClientContext context;
    const auto stream = client.stub().WatchEvents(&context, watch);
    v1::WatchEventsResponse event;
    REQUIRE_FALSE(stream->Read(&event));
    REQUIRE(reason_of(stream->Finish()) == "HISTORY_PRUNED");

    network.require_sound(3);
    network.require_sound(0);
}

TEST_CASE("snapshot: a joiner killed again and again while it fetches and installs arrives",
          "[integration]") {
    Pruned network;
    network.start_pruning(3);
    network.grow_until_pruned();
    // Later each time, so that it dies in every phase; a slow server stretches the fetching.
    bool installed = false;
    for (int i = 0; i < 40 && !installed; ++i) {
        network.devnet.start(3);
        std::this_thread::sleep_for(150ms * (i + 1));
        network.devnet.process(3).kill();
        installed =
            network.devnet.process(3).output().find("snapshot_installed") != std::string::npos;
    }
    CAPTURE(network.devnet.process(3).output());
    REQUIRE(installed);
    network.devnet.start(3);
    network.require_equal(3);
    network.require_sound(3);
}

TEST_CASE("snapshot: a validator away for longer than its peers keep blocks returns by itself",
          "[integration]") {
    Pruned network;
    network.start_pruning(4);
    const MemberClient client(network.devnet, 0);
    client.must_open(3);
    network.devnet.process(3).kill();
    network.grow_until_pruned();
    network.devnet.start(3);
    auto& late = network.devnet.process(3);
    const bool installed = eventually(
        [&] { return late.output().find("snapshot_installed") != std::string::npos; }, 180s);
    CAPTURE(late.output());
    REQUIRE(installed);
    network.require_equal(3);
    // It votes, though nobody pays: the others make a quorum only with it. But not before the views
    // have gone on from where it came back, as it cannot know that none of its votes is lost.
    REQUIRE(eventually([&] { return metric(network.devnet.ops_port(3), "remit_voting") == 1; }));
    network.devnet.process(2).kill();
    client.must_open(3);
    network.require_sound(3);
}

/// Not a test of a figure: prints what it measures (test_integration "[measure]").
TEST_CASE("catch-up: by blocks and by a snapshot, against production", "[.measure]") {
    using Clock = std::chrono::steady_clock;
    consensus::Params params;
    params.snapshot_interval = 128;
    params.snapshot_delay = 16;
    params.snapshot_chunk_bytes = 1U << 16U;
    Devnet devnet(4, params);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    devnet.process(3).kill();
    const auto from = client.status().executed_height();
    const auto begin = Clock::now();
    std::vector<std::thread> load;
    for (std::size_t i = 0; i < 3; ++i) {
        load.emplace_back([&, i] {
            const MemberClient own(devnet, i);
            while (Clock::now() < begin + 60s) {
                own.must_open(20);
            }
        });
    }
    for (auto& each : load) {
        each.join();
    }
    const auto seconds = [](Clock::duration span) {
        return std::chrono::duration<double>(span).count();
    };
    const auto tip = client.status().executed_height();
    const auto made = static_cast<double>(tip - from) / seconds(Clock::now() - begin);
    std::printf("production: %.1f blocks/s, height %llu\n", made,
                static_cast<unsigned long long>(tip));
    const auto measure = [&](const char* name, std::uint64_t above) {
        const auto started = Clock::now();
        devnet.start(3);
        REQUIRE(eventually(
            [&] {
                return metric(devnet.ops_port(3), "remit_block_height") >= static_cast<double>(tip);
            },
            300s));
        const auto took = seconds(Clock::now() - started);
        const auto rate = static_cast<double>(tip - above) / took;
        std::printf("%s: %llu blocks in %.1f s, %.1f blocks/s, %.1f times production\n", name,
                    static_cast<unsigned long long>(tip - above), took, rate, rate / made);
        devnet.process(3).kill();
    };
    measure("by blocks", from);
    std::filesystem::remove_all(devnet.data_folder(3) + "/db");
    std::filesystem::remove_all(devnet.data_folder(3) + "/snapshots");
    measure("by a snapshot, database gone", 0);
}

}  // namespace remit::test
