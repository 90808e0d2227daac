#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "node/storage/chain.h"
#include "node/storage/receipt_proof.h"
#include "test/support/devnet/governance.h"
#include "test/support/devnet/signer_process.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

constexpr auto epoch_blocks = short_epoch;

std::uint64_t validators_of(const Devnet& devnet, std::size_t node) {
    return static_cast<std::uint64_t>(metric(devnet.ops_port(node), "remit_epoch_validators"));
}

/// Payments go on until every one of these nodes counts so many validators.
bool pay_until(const Devnet& devnet, const MemberClient& client, const std::vector<std::size_t>& at,
               std::uint64_t validators) {
    return pay_until(client, [&] {
        return std::all_of(at.begin(), at.end(), [&](std::size_t node) {
            return validators_of(devnet, node) == validators;
        });
    });
}

}  // namespace

TEST_CASE("membership: one joins, carries the network, and another one leaves", "[slow]") {
    Devnet devnet(4, 1, epoch_blocks);
    devnet.start_all();
    devnet.start(4);
    const MemberClient client(devnet, 0);
    client.must_open(5);
    govern(devnet, client, nodes(devnet, {0, 1, 2, 3, 4}));
    REQUIRE(pay_until(devnet, client, {0, 1, 2, 3, 4}, 5));

    // Four of five are needed: with one of the founders down, the newcomer's vote is one of them.
    devnet.process(3).kill();
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    devnet.start(3);
    govern(devnet, client, nodes(devnet, {0, 1, 2, 4}));
    REQUIRE(pay_until(devnet, client, {0, 1, 2, 3, 4}, 4));
    // Who left hands over for one epoch more; then nobody talks to it.
    REQUIRE(eventually(
        [&] {
            client.must_open();
            return devnet.process(0).output().find("validator_let_go") != std::string::npos;
        },
        120s));
    CHECK(eventually([&] { return metric(devnet.ops_port(0), "remit_peers_connected") == 3; }));
    CHECK(eventually([&] { return metric(devnet.ops_port(3), "remit_peers_connected") == 0; }));
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

TEST_CASE("membership: a node that joins follows no history but the trusted one", "[slow]") {
    Devnet devnet(4, 0, epoch_blocks);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    v1::GetValidatorsResponse now;
    REQUIRE(eventually(
        [&] {
            client.must_open();
            return client
                       .call(&v1::LedgerService::Stub::GetValidators, v1::GetValidatorsRequest{},
                             now)
                       .ok() &&
                   now.epoch() >= 3;
        },
        300s));
    const auto epoch = std::to_string(now.epoch());
    const auto root = to_hex(now.root());
    REQUIRE(root.size() == 64);
    const std::string other(64, 'f');
    const auto with = [](const std::string& trusted) {
        return std::vector<std::string>{"--set", "node.trusted=" + trusted};
    };
    // With the data of this history it does not start as one of another.
    devnet.process(3).kill();
    CHECK(devnet.start(3, with("3-" + root)).wait(20s) == 7);
    CHECK(devnet.start(3, with(epoch + ":" + other)).wait(20s) == 6);
    CHECK_THAT(devnet.process(3).output(), Catch::Contains("stands on block " + root));

    // Without data it goes as far as the epoch before, and is not ready.
    std::filesystem::remove_all(devnet.data_folder(3));
    devnet.start(3, with(epoch + ":" + other));
    REQUIRE(eventually([&] {
        return metric(devnet.ops_port(3), "remit_epoch") == static_cast<double>(now.epoch() - 1);
    }));
    client.must_open(3);
    CHECK(metric(devnet.ops_port(3), "remit_epoch") == static_cast<double>(now.epoch() - 1));
    const auto answer = http_get(devnet.ops_port(3), "/readyz");
    CHECK(answer.status == 503);
    CHECK_THAT(answer.body, Catch::Contains("another history"));

    devnet.process(3).kill();
    std::filesystem::remove_all(devnet.data_folder(3));
    devnet.start(3, with(epoch + ":" + root));
    REQUIRE(
        eventually([&] { return http_get(devnet.ops_port(3), "/readyz").status == 200; }, 120s));
    const auto paid_at = client.must_open().receipts(0).height();
    CHECK(
        eventually([&] { return MemberClient(devnet, 3).status().executed_height() >= paid_at; }));
}

TEST_CASE("membership: a joiner and a rotated key vote by their signers alone", "[slow][signer]") {
    Devnet devnet(4, 1, epoch_blocks);
    SignerProcess first(devnet, 3);
    SignerProcess next(devnet, 3, SignerProcess::Key::next);
    SignerProcess joins(devnet, 4);
    for (auto* signer : {&first, &next, &joins}) {
        REQUIRE(signer->run({"init", "--first-view", "1"}) == 0);
        signer->start();
    }
    auto rotating = first.node_settings();
    const auto more = next.node_settings();
    rotating.insert(rotating.end(), more.begin(), more.end());
    auto joining = joins.node_settings();
    joining.insert(joining.end(), {"--set", "signer.public_key=" + joins.key().hex()});
    for (const std::size_t node : {0U, 1U, 2U}) {
        devnet.start(node);
    }
    devnet.start(3, rotating);
    devnet.start(4, joining);
    const auto ready = [&](std::size_t node) {
        return eventually([&] { return http_get(devnet.ops_port(node), "/readyz").status == 200; });
    };
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        CAPTURE(devnet.process(node).output());
        REQUIRE(ready(node));
    }
    const MemberClient client(devnet, 1);
    client.must_open(5);
    auto set = nodes(devnet, {0, 1, 2, 3, 4});
    set[3].validate_key = next.key();
    govern(devnet, client, set);
    REQUIRE(pay_until(devnet, client, {0, 1, 2, 3, 4}, 5));

    // Four of five are needed: both votes that only signers can give are among them.
    devnet.process(0).kill();
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    // The first key is none of this epoch's: its signer may go.
    first.process().kill();
    CHECK(eventually([&] { return metric(devnet.ops_port(3), "remit_signer_connected") == 0; }));
    CHECK(ready(3));
    // A start shows each signer the votes of its own key: nobody has forgotten one.
    devnet.process(3).kill();
    devnet.process(4).kill();
    devnet.start(3, rotating);
    devnet.start(4, joining);
    REQUIRE(ready(3));
    REQUIRE(ready(4));
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    CHECK(metric(devnet.ops_port(3), "remit_next_signer_connected") == 1);
    CHECK(metric(devnet.ops_port(3), "remit_next_signer_locked") == 0);
    CHECK(metric(devnet.ops_port(4), "remit_signer_locked") == 0);
    next.process().kill();
    CHECK(eventually([&] { return http_get(devnet.ops_port(3), "/readyz").status == 503; }));
    CHECK_THAT(http_get(devnet.ops_port(3), "/readyz").body, Catch::Contains("no signer"));
    next.start();
    REQUIRE(ready(3));
    client.must_open();
    for (const std::size_t node : {1U, 2U, 3U, 4U}) {
        CAPTURE(devnet.name(node), devnet.process(node).output());
        CHECK(metric(devnet.ops_port(node), "remit_equivocations_total") <= 0);
    }
    for (const auto* signer : {&first, &next, &joins}) {
        CHECK_THAT(signer->output(),
                   !Catch::Contains("signature_refused") && !Catch::Contains("signer_locked"));
    }
}

TEST_CASE("membership: a key in a signer process is said where the chain does not say it",
          "[integration][signer]") {
    Devnet devnet(4, 1, epoch_blocks);
    const auto refused = [&](std::size_t node, const std::vector<std::string>& settings, int exit) {
        CAPTURE(settings);
        auto& process = devnet.start(node, settings);
        CHECK(process.wait(30s) == exit);
        return process.output();
    };
    const auto set = [](const std::string& word) {
        return std::vector<std::string>{"--set", word};
    };
    const auto with = [](std::vector<std::string> one, const std::vector<std::string>& other) {
        one.insert(one.end(), other.begin(), other.end());
        return one;
    };
    const SignerProcess joins(devnet, 4);
    CHECK_THAT(refused(4, joins.node_settings(), 7), Catch::Contains("signer.public_key"));
    CHECK_THAT(refused(4, with(joins.node_settings(), set("signer.public_key=abc")), 7),
               Catch::Contains("abc is no public key"));
    const SignerProcess first(devnet, 3);
    const SignerProcess next(devnet, 3, SignerProcess::Key::next);
    const auto another = "signer.public_key=" + next.key().hex();
    CHECK_THAT(refused(3, with(first.node_settings(), set(another)), 6),
               Catch::Contains("the genesis file says"));
    CHECK_THAT(refused(3, set("signer.next_socket=nowhere"), 7),
               Catch::Contains("signer.next_public_key"));
    const auto own = "signer.next_public_key=" + first.key().hex();
    CHECK_THAT(refused(3, with(set("signer.next_socket=nowhere"), set(own)), 7),
               Catch::Contains("has already"));
    CHECK_THAT(refused(3, with(next.node_settings(), set("node.next_key=next.key")), 7),
               Catch::Contains("in one place"));
}

}  // namespace remit::test
