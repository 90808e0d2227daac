#include <catch2/catch.hpp>
#include <csignal>

#include "ledger/wire/encode.h"
#include "ledger/wire/governance.h"
#include "node/seams/random.h"
#include "node/storage/chain.h"
#include "node/storage/receipt_proof.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

constexpr std::uint64_t epoch_blocks = 16;

/// Validators by node, as governance plans them.
v1::Envelope plan(const Devnet& devnet, const std::vector<std::size_t>& nodes,
                  std::uint64_t as_of_height) {
    node::SystemRandom random;
    ledger::EpochPlan plan{.validators = {}, .epoch_blocks = epoch_blocks, .protocol_version = 1};
    for (const auto node : nodes) {
        plan.validators.push_back(devnet.planned(node));
    }
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    auto action = ledger::wire::propose(plan, {.nonce = random.draw<Uuid>(),
                                               .valid_until = {now + 3'600'000},
                                               .as_of_height = as_of_height});
    for (const std::size_t organisation : {1U, 2U, 3U}) {
        action.approvals.push_back(ledger::wire::approve(action.bytes, devnet.chain_id(),
                                                         Devnet::govern_key(organisation)));
    }
    ledger::Transaction transaction;
    transaction.participant = {1};
    transaction.client_key = random.draw<ledger::ClientKey>();
    transaction.valid_until = {now + 3'600'000};
    transaction.operations.emplace_back(std::move(action));
    return ledger::wire::to_proto(
        ledger::wire::sign_transaction(transaction, Devnet::operate_key(), devnet.chain_id()));
}

void govern(const Devnet& devnet, const MemberClient& client,
            const std::vector<std::size_t>& nodes) {
    const auto done = client.submit(plan(devnet, nodes, client.status().finalized_height()));
    REQUIRE(done.is_final());
    REQUIRE_FALSE(done.response.receipts(0).has_refusal());
}

std::uint64_t validators_of(const Devnet& devnet, std::size_t node) {
    return static_cast<std::uint64_t>(metric(devnet.ops_port(node), "remit_epoch_validators"));
}

/// Payments go on until every one of these nodes counts so many validators.
bool pay_until(const Devnet& devnet, const MemberClient& client, const std::vector<std::size_t>& at,
               std::uint64_t validators) {
    return eventually(
        [&] {
            client.must_open();
            return std::all_of(at.begin(), at.end(), [&](std::size_t node) {
                return validators_of(devnet, node) == validators;
            });
        },
        300s);
}

}  // namespace

TEST_CASE("membership: one joins, carries the network, and another one leaves", "[slow]") {
    Devnet devnet(4, 1, epoch_blocks);
    devnet.start_all();
    devnet.start(4);
    const MemberClient client(devnet, 0);
    client.must_open(5);
    govern(devnet, client, {0, 1, 2, 3, 4});
    REQUIRE(pay_until(devnet, client, {0, 1, 2, 3, 4}, 5));

    // Four of five are needed: with one of the founders down, the newcomer's vote is one of them.
    devnet.process(3).kill();
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    devnet.start(3);
    govern(devnet, client, {0, 1, 2, 4});
    REQUIRE(pay_until(devnet, client, {0, 1, 2, 3, 4}, 4));
    devnet.process(3).signal(SIGTERM);
    REQUIRE(devnet.process(3).wait(20s) == 0);

    // A receipt of a later epoch is proven from the genesis file alone.
    const auto paid = client.must_open();
    v1::GetReceiptRequest request;
    request.set_transaction_id(paid.transaction_id());
    v1::GetReceiptResponse receipt;
    REQUIRE(eventually(
        [&] { return client.call(&v1::LedgerService::Stub::GetReceipt, request, receipt).ok(); }));
    const auto chain = node::chain_of(devnet.genesis_bytes());
    REQUIRE(chain);
    const auto proof = node::PortableReceipt::decode(receipt.proof());
    REQUIRE(proof);
    CHECK(proof->headers.front().epoch > 1);
    CHECK(node::verify(*proof, chain->id, chain->validators));

    for (const std::size_t node : {0U, 1U, 2U, 4U}) {
        CAPTURE(devnet.name(node));
        devnet.process(node).signal(SIGTERM);
        CHECK(devnet.process(node).wait(20s) == 0);
        NodeProcess verify({REMIT_BIN_DIR "/remit-node", "db", "verify", "--data",
                            devnet.data_folder(node), "--genesis", devnet.genesis_file()},
                           devnet.folder_of(node) + "/verify.log");
        CHECK(verify.wait(60s) == 0);
    }
}

TEST_CASE("membership: a validator that is away leads no view of the next epoch, and counts still",
          "[slow]") {
    Devnet devnet(4, 0, epoch_blocks);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    const auto standing = [&client] {
        v1::GetValidatorsResponse out;
        REQUIRE(
            client.call(&v1::LedgerService::Stub::GetValidators, v1::GetValidatorsRequest{}, out)
                .ok());
        REQUIRE(out.leadership_size() == 4);
        return out;
    };
    CHECK_FALSE(standing().leadership(3).demoted());
    devnet.process(3).kill();
    REQUIRE(eventually(
        [&] {
            client.must_open();
            return standing().leadership(3).demoted();
        },
        300s));
    const auto now = standing();
    CHECK(now.epoch() >= 2);
    for (int founder = 0; founder < 3; ++founder) {
        CHECK_FALSE(now.leadership(founder).demoted());
    }
    // Not a view is given up for it any more, for as long as it does not lead.
    const auto nullified = [&devnet] {
        return metric(devnet.ops_port(0), "remit_views_nullified_total");
    };
    // An epoch may end in between: it still sits out the next two.
    bool quiet = false;
    for (int i = 0; i < 5 && !quiet; ++i) {
        const auto epoch = standing().epoch();
        const auto before = nullified();
        client.must_open(4);
        const auto after = nullified();
        quiet = standing().epoch() == epoch && after == before;
    }
    CHECK(quiet);
    // Its vote is the one that counts when another one is away.
    devnet.start(3);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(3), "/readyz").status == 200; }));
    devnet.process(2).kill();
    client.must_open();
}

}  // namespace remit::test
