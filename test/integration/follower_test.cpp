#include <catch2/catch.hpp>
#include <csignal>

#include "node/storage/chain.h"
#include "node/storage/receipt_proof.h"
#include "test/support/devnet/governance.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

constexpr std::size_t follower = 4;

/// Four validators, and a node that no set and no plan ever names: each validator's own settings
/// admit it.
struct Followed {
    Devnet devnet;

    explicit Followed(std::uint64_t epoch_blocks, const consensus::Params& params = {})
        : devnet(4, 1, epoch_blocks, params) {
        for (std::size_t node = 0; node < follower; ++node) {
            std::vector<std::string> lines;
            for (std::size_t peer = 0; peer <= follower; ++peer) {
                if (peer != node) {
                    lines.push_back(devnet.peer_line(peer));
                }
            }
            devnet.write_peers(node, lines);
        }
    }
    [[nodiscard]] double gauge(std::size_t node, const std::string& name) const {
        return metric(devnet.ops_port(node), name);
    }
    [[nodiscard]] std::uint64_t height_of(std::size_t node) const {
        v1::GetNodeStatusResponse now;
        const auto answer =
            MemberClient(devnet, node)
                .call(&v1::LedgerService::Stub::GetNodeStatus, v1::GetNodeStatusRequest{}, now);
        return answer.ok() ? now.executed_height() : 0;
    }
    /// What a member reads of one transaction there: the block, and a receipt whose proof holds.
    void check_reads(const v1::SubmitEnvelopeResponse& paid) const {
        const auto height = paid.receipts(0).height();
        REQUIRE(eventually([&] { return height_of(follower) >= height; }, 120s));
        const MemberClient here(devnet, follower);
        const auto block = here.block(height);
        const auto there = MemberClient(devnet, 0).block(height);
        CHECK(block.state_root() == there.state_root());
        CHECK(block.digest() == there.digest());
        v1::GetReceiptRequest request;
        request.set_transaction_id(paid.transaction_id());
        v1::GetReceiptResponse receipt;
        REQUIRE(eventually([&] {
            return here.call(&v1::LedgerService::Stub::GetReceipt, request, receipt).ok();
        }));
        const auto chain = node::chain_of(devnet.genesis_bytes());
        REQUIRE(chain);
        const auto proof = node::PortableReceipt::decode(receipt.proof());
        REQUIRE(proof);
        CHECK(node::verify(*proof, chain->id, chain->validators));
    }
    /// It is no member, and nobody counts on it.
    void check_outside() const {
        CHECK(gauge(follower, "remit_epoch_member") == 0);
        CHECK(gauge(follower, "remit_voting") == 0);
        CHECK(gauge(0, "remit_epoch_validators") == 4);
        CHECK(gauge(0, "remit_peers_connected") == 4);
    }
};

}  // namespace

TEST_CASE("follower: a node that no set names follows from genesis, and serves reads",
          "[integration][slow]") {
    Followed net(short_epoch);
    net.devnet.start_all();
    const MemberClient client(net.devnet, 0);
    const auto early = client.must_open(5);
    net.devnet.start(follower, {"--set", "snapshots.join=false"});
    CAPTURE(net.devnet.process(follower).output());
    REQUIRE(becomes_ready(net.devnet, follower));
    net.check_reads(early);
    net.check_reads(client.must_open());
    net.check_outside();
    // From epoch to epoch, and after an absence over the end of one.
    REQUIRE(pay_until(client, [&] { return epoch_of(net.devnet, follower) >= 2; }));
    net.devnet.process(follower).kill();
    const auto left_at = epoch_of(net.devnet, 0);
    REQUIRE(pay_until(client, [&] { return epoch_of(net.devnet, 0) > left_at; }));
    net.devnet.start(follower, {"--set", "snapshots.join=false"});
    REQUIRE(becomes_ready(net.devnet, follower));
    net.check_reads(client.must_open());
    net.check_outside();
    // A client of its own: its items go through validators.
    const auto through = MemberClient(net.devnet, follower).must_open();
    net.check_reads(through);
    // Its vote is nobody's: with two validators gone it makes no quorum.
    net.devnet.process(2).kill();
    CHECK(client.must_open().receipts_size() == 1);
    net.devnet.process(3).kill();
    CHECK_FALSE(client.submit(client.open_accounts(), 3'000).is_final());
    net.devnet.start(3);
    CHECK(client.must_open().receipts_size() == 1);
    net.devnet.process(follower).signal(SIGTERM);
    CHECK(net.devnet.process(follower).wait(20s) == 0);
}

TEST_CASE("follower: a node that no set names joins from a snapshot, and serves reads",
          "[integration][slow]") {
    consensus::Params params;
    params.snapshot_interval = 24;
    params.snapshot_delay = 6;
    params.snapshot_chunk_bytes = 256;
    params.lag_max = 16;
    Followed net(0, params);
    for (std::size_t node = 0; node < follower; ++node) {
        net.devnet.start(node, {"--set", "store.prune=true", "--set", "store.checkpoint_blocks=8"});
    }
    for (std::size_t node = 0; node < follower; ++node) {
        REQUIRE(becomes_ready(net.devnet, node));
    }
    const MemberClient client(net.devnet, 0);
    const auto pruned = [&](std::size_t node) {
        v1::GetBlockRequest request;
        request.set_height(1);
        v1::GetBlockResponse block;
        return reason_of(MemberClient(net.devnet, node)
                             .call(&v1::LedgerService::Stub::GetBlock, request, block)) ==
               "HISTORY_PRUNED";
    };
    REQUIRE(pay_until(client, [&] { return pruned(0) && pruned(1) && pruned(2) && pruned(3); }));
    net.devnet.start(follower);
    const bool installed = eventually(
        [&] {
            return net.devnet.process(follower).output().find("snapshot_installed") !=
                   std::string::npos;
        },
        180s);
    CAPTURE(net.devnet.process(follower).output());
    REQUIRE(installed);
    REQUIRE(becomes_ready(net.devnet, follower));
    net.check_reads(client.must_open());
    net.check_outside();
    CHECK(pruned(follower));
    CHECK(net.gauge(follower, "remit_snapshots_installed_total") == 1);
}

}  // namespace remit::test
