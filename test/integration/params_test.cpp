#include <catch2/catch.hpp>
#include <csignal>

#include "test/support/devnet/governance.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

const std::vector<std::string> pruning{"--set", "store.prune=true", "--set",
                                       "store.checkpoint_blocks=8"};

consensus::Params with_snapshots(std::uint32_t interval) {
    consensus::Params out;
    out.snapshot_interval = interval;
    out.snapshot_delay = 6;
    out.snapshot_chunk_bytes = 256;
    return out;
}

v1::ConsensusParameters params_at(const Devnet& devnet, std::size_t node) {
    v1::GetValidatorsResponse out;
    const auto status =
        MemberClient(devnet, node)
            .call(&v1::LedgerService::Stub::GetValidators, v1::GetValidatorsRequest{}, out);
    return status.ok() ? out.in_force().parameters() : v1::ConsensusParameters();
}

bool obeys(const Devnet& devnet, std::size_t node) {
    const auto params = params_at(devnet, node);
    return params.lag_max() == 24 && params.block_bytes_max() == 2'097'152 &&
           params.resend_ms() == 1'000 && params.author_window() == 64;
}

bool output_has(Devnet& devnet, std::size_t node, const std::string& words) {
    return devnet.process(node).output().find(words) != std::string::npos;
}

/// It is in the set and signs: who joined by a snapshot asks a quorum of the others first.
bool votes(const Devnet& devnet, std::size_t node) {
    return metric(devnet.ops_port(node), "remit_epoch_member") == 1 &&
           metric(devnet.ops_port(node), "remit_voting") == 1;
}

bool all_pruned(const Devnet& devnet, const std::vector<std::size_t>& nodes) {
    return std::all_of(nodes.begin(), nodes.end(), [&](std::size_t node) {
        v1::GetBlockRequest request;
        request.set_height(30);
        v1::GetBlockResponse block;
        return reason_of(MemberClient(devnet, node)
                             .call(&v1::LedgerService::Stub::GetBlock, request, block)) ==
               "HISTORY_PRUNED";
    });
}

void check_sound(Devnet& devnet, std::size_t node) {
    devnet.process(node).signal(SIGTERM);
    REQUIRE(devnet.process(node).wait(30s) == 0);
    NodeProcess verify({REMIT_BIN_DIR "/remit-node", "db", "verify", "--data",
                        devnet.data_folder(node), "--genesis", devnet.genesis_file()},
                       devnet.folder_of(node) + "/verify.log");
    const auto status = verify.wait(120s);
    CAPTURE(devnet.name(node), verify.output());
    CHECK(status == 0);
}

}  // namespace

TEST_CASE("parameters: they change with an epoch, for who restarts and who joins by a snapshot",
          "[slow]") {
    Devnet devnet(4, 1, short_epoch, with_snapshots(24));
    for (std::size_t node = 0; node < 4; ++node) {
        devnet.start(node, pruning);
    }
    for (std::size_t node = 0; node < 4; ++node) {
        REQUIRE(becomes_ready(devnet, node));
    }
    const MemberClient client(devnet, 0);
    client.must_open(3);
    CHECK(params_at(devnet, 0).lag_max() == 16);
    govern(devnet, client, nodes(devnet, {0, 1, 2, 3}), 1,
           {{GovernedParam::lag_max, 24},
            {GovernedParam::block_bytes_max, 2'097'152},
            {GovernedParam::resend_ms, 1'000}});
    REQUIRE(pay_until(client, [&] { return obeys(devnet, 0); }));
    for (const std::size_t node : {1U, 2U, 3U}) {
        CHECK(eventually([&] { return obeys(devnet, node); }));
    }
    client.must_open(3);

    // One that starts again votes by them: the others make a quorum only with it.
    devnet.process(3).kill();
    client.must_open(2);
    devnet.start(3, pruning);
    REQUIRE(becomes_ready(devnet, 3));
    devnet.process(2).kill();
    client.must_open(3);
    CHECK(obeys(devnet, 3));
    devnet.start(2, pruning);
    REQUIRE(becomes_ready(devnet, 2));

    // The first blocks go; who joins has the parameters from the way into the epoch.
    REQUIRE(pay_until(client, [&] { return all_pruned(devnet, {0, 1, 2, 3}); }));
    govern(devnet, client, nodes(devnet, {0, 1, 2, 3, 4}));
    devnet.start(4, pruning);
    REQUIRE(pay_until(client, [&] { return output_has(devnet, 4, "snapshot_installed"); }));
    REQUIRE(pay_until(client, [&] { return votes(devnet, 4) && obeys(devnet, 4); }));
    // Four of five are needed: its vote is one of them.
    CAPTURE(devnet.process(4).output(), devnet.process(0).output());
    devnet.process(1).kill();
    client.must_open(3);
    for (const std::size_t node : {0U, 2U, 3U, 4U}) {
        CAPTURE(devnet.name(node), devnet.process(node).output());
        CHECK(metric(devnet.ops_port(node), "remit_equivocations_total") <= 0);
        CHECK_FALSE(output_has(devnet, node, "diverged"));
    }
    for (const std::size_t node : {0U, 4U}) {
        check_sound(devnet, node);
    }
}

TEST_CASE("joining: by a snapshot of peers that genesis does not name", "[slow]") {
    // Each snapshot is of an epoch's last block: what is above it is of another set.
    Devnet devnet(1, 5, short_epoch, with_snapshots(short_epoch));
    for (const std::size_t node : {0U, 1U, 2U, 3U, 4U}) {
        devnet.start(node, pruning);
    }
    REQUIRE(becomes_ready(devnet, 0));
    const MemberClient founder(devnet, 0);
    founder.must_open();
    govern(devnet, founder, nodes(devnet, {0, 1, 2, 3, 4}));
    const std::vector<std::size_t> members{1, 2, 3, 4};
    const auto all_count = [&](int validators) {
        return std::all_of(members.begin(), members.end(), [&](std::size_t node) {
            return metric(devnet.ops_port(node), "remit_epoch_validators") == validators;
        });
    };
    REQUIRE(pay_until(founder, [&] { return all_count(5); }));
    const MemberClient client(devnet, 1);
    govern(devnet, client, nodes(devnet, members));
    REQUIRE(pay_until(client, [&] { return all_count(4); }));
    devnet.process(0).kill();
    REQUIRE(pay_until(client, [&] { return all_pruned(devnet, members); }));

    v1::GetValidatorsResponse now;
    REQUIRE(
        client.call(&v1::LedgerService::Stub::GetValidators, v1::GetValidatorsRequest{}, now).ok());
    const std::vector<std::string> joining{
        "--set", "node.trusted=" + std::to_string(now.epoch()) + ":" + to_hex(now.root())};
    devnet.write_peers(5, {devnet.peer_line(1), devnet.peer_line(2), devnet.peer_line(3)});
    devnet.start(5, joining);
    govern(devnet, client, nodes(devnet, {1, 2, 3, 4, 5}));
    REQUIRE(pay_until(client, [&] { return output_has(devnet, 5, "snapshot_installed"); }));
    REQUIRE(pay_until(client, [&] { return all_count(5) && votes(devnet, 5); }));
    devnet.process(2).kill();
    const auto paid_at = client.must_open(3).receipts(0).height();  // of five, four are needed
    REQUIRE(
        eventually([&] { return MemberClient(devnet, 5).status().executed_height() >= paid_at; }));
    CHECK(MemberClient(devnet, 5).block(paid_at).state_root() ==
          client.block(paid_at).state_root());
    // It has a chain of its own by now, and starts by it.
    devnet.process(5).signal(SIGTERM);
    REQUIRE(devnet.process(5).wait(30s) == 0);
    devnet.start(5, joining);
    REQUIRE(becomes_ready(devnet, 5));
    CAPTURE(devnet.process(5).output(), metric(devnet.ops_port(5), "remit_voting"),
            metric(devnet.ops_port(5), "remit_votes_lost"));
    client.must_open();
    for (const std::size_t node : {1U, 5U}) {
        check_sound(devnet, node);
    }
}

}  // namespace remit::test
