#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "test/support/devnet/governance.h"
#include "test/support/devnet/signer_process.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

using Words = std::vector<std::string>;

Words operator+(Words one, const Words& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

Words set(const std::string& word) {
    return {"--set", word};
}

/// The validators in force with the one key of node 3 that the case looks at.
v1::GetValidatorsResponse validators(const MemberClient& client) {
    v1::GetValidatorsResponse out;
    REQUIRE(
        client.call(&v1::LedgerService::Stub::GetValidators, v1::GetValidatorsRequest{}, out).ok());
    return out;
}

/// Node 3 is to vote with its n-th key; payments go on until that is so everywhere.
void rotate(const Devnet& devnet, const MemberClient& client, std::size_t nth) {
    auto wanted = nodes(devnet, {0, 1, 2, 3});
    wanted[3].validate_key = Devnet::validate_key(3, nth);
    govern(devnet, client, wanted);
    const auto key = Devnet::validate_key(3, nth).bytes();
    REQUIRE(pay_until(
        client, [&] { return validators(client).in_force().validators(3).validate_key() == key; }));
    const auto epoch = validators(client).epoch();
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        REQUIRE(eventually([&] { return epoch_of(devnet, node) >= epoch; }));
    }
}

/// Three of four are needed: with node 2 away, one of their votes is node 3's.
void pay_by_the_votes_of_three(Devnet& devnet, const MemberClient& client) {
    devnet.process(2).kill();
    for (int i = 0; i < 3; ++i) {
        client.must_open();
    }
    devnet.start(2);
    REQUIRE(becomes_ready(devnet, 2));
}

void stop(Devnet& devnet, std::size_t node) {
    devnet.process(node).signal(SIGTERM);
    REQUIRE(devnet.process(node).wait(20s) == 0);
}

void nobody_contradicted_itself(Devnet& devnet) {
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        CAPTURE(devnet.name(node), devnet.process(node).output());
        CHECK(metric(devnet.ops_port(node), "remit_equivocations_total") <= 0);
        CHECK(metric(devnet.ops_port(node), "remit_evidence_recorded") == 0);
    }
}

/// All four; the last one has the key to come beside its own.
void start_with_next_key(Devnet& devnet) {
    for (const std::size_t node : {0U, 1U, 2U}) {
        devnet.start(node);
    }
    devnet.start(3, set("node.next_key=next.key"));
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        REQUIRE(becomes_ready(devnet, node));
    }
}

}  // namespace

TEST_CASE("rotation: a founder's key rotates twice, and the keys before vote no more", "[slow]") {
    Devnet devnet(4, 0, short_epoch);
    start_with_next_key(devnet);
    const MemberClient client(devnet, 0);
    client.must_open();
    rotate(devnet, client, 2);
    CHECK_THAT(devnet.process(3).output(), Catch::Contains("next_key_votes"));
    pay_by_the_votes_of_three(devnet, client);

    // The second key moves up, and a third one takes its place.
    stop(devnet, 3);
    devnet.start(3, set("node.key=next.key") + set("node.next_key=third.key"));
    REQUIRE(becomes_ready(devnet, 3));
    pay_by_the_votes_of_three(devnet, client);
    rotate(devnet, client, 3);
    pay_by_the_votes_of_three(devnet, client);

    // With the keys before it follows and signs nothing: not one payment is final by its vote.
    stop(devnet, 3);
    devnet.start(3, set("node.key=validate.key") + set("node.next_key=next.key"));
    REQUIRE(eventually([&] { return metric(devnet.ops_port(3), "remit_key_missing") == 1; }, 120s));
    const auto answer = http_get(devnet.ops_port(3), "/readyz");
    CHECK(answer.status == 503);
    CHECK_THAT(answer.body, Catch::Contains("1221"));
    CHECK(metric(devnet.ops_port(3), "remit_voting") == 0);
    const auto paid_at = client.must_open().receipts(0).height();
    REQUIRE(
        eventually([&] { return MemberClient(devnet, 3).status().executed_height() >= paid_at; }));
    devnet.process(2).kill();
    CHECK_FALSE(client.submit(client.open_accounts(), 3'000).is_final());
    devnet.start(2);
    REQUIRE(becomes_ready(devnet, 2));
    client.must_open();
    nobody_contradicted_itself(devnet);
}

TEST_CASE(
    "rotation: with an empty folder and a later key a founder comes back behind a trusted root",
    "[slow]") {
    Devnet devnet(4, 0, short_epoch);
    start_with_next_key(devnet);
    const MemberClient client(devnet, 0);
    client.must_open();
    rotate(devnet, client, 2);
    // It knows genesis alone: the operator says that the chain has gone on since.
    stop(devnet, 3);
    std::filesystem::remove_all(devnet.data_folder(3));
    CHECK(devnet.start(3, set("node.key=next.key")).wait(30s) == 6);
    CHECK_THAT(devnet.process(3).output(), Catch::Contains("code 1221"));
    const auto now = validators(client);
    devnet.start(3, set("node.key=next.key") + set("node.trusted=" + std::to_string(now.epoch()) +
                                                   ":" + to_hex(now.root())));
    REQUIRE(becomes_ready(devnet, 3));
    REQUIRE(pay_until(client, [&] { return metric(devnet.ops_port(3), "remit_votes_lost") == 0; }));
    pay_by_the_votes_of_three(devnet, client);
    nobody_contradicted_itself(devnet);
}

TEST_CASE("rotation: each key of a founder has a signer with a journal of its own",
          "[slow][signer]") {
    Devnet devnet(4, 0, short_epoch);
    SignerProcess first(devnet, 3);
    SignerProcess next(devnet, 3, SignerProcess::Key::next);
    SignerProcess third(devnet, 3, SignerProcess::Key::third);
    for (auto* signer : {&first, &next, &third}) {
        REQUIRE(signer->run({"init", "--first-view", "1"}) == 0);
        signer->start();
    }
    for (const std::size_t node : {0U, 1U, 2U}) {
        devnet.start(node);
    }
    devnet.start(3, first.node_settings() + next.node_settings());
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        REQUIRE(becomes_ready(devnet, node));
    }
    const MemberClient client(devnet, 0);
    client.must_open();
    rotate(devnet, client, 2);
    stop(devnet, 3);
    first.process().kill();
    devnet.start(3, next.settings_in_force() + third.node_settings());
    REQUIRE(becomes_ready(devnet, 3));
    pay_by_the_votes_of_three(devnet, client);
    rotate(devnet, client, 3);
    stop(devnet, 3);
    next.process().kill();
    devnet.start(3, third.settings_in_force());
    REQUIRE(becomes_ready(devnet, 3));
    pay_by_the_votes_of_three(devnet, client);
    nobody_contradicted_itself(devnet);
    for (const auto* signer : {&first, &next, &third}) {
        CHECK_THAT(signer->output(),
                   !Catch::Contains("signature_refused") && !Catch::Contains("signer_locked"));
    }
}

TEST_CASE("rotation: one key in two places is refused", "[integration]") {
    Devnet devnet(4, 0, short_epoch);
    CHECK(devnet.start(3, set("node.next_key=validate.key")).wait(30s) == 7);
    CHECK_THAT(devnet.process(3).output(), Catch::Contains("has already"));
    const auto other = devnet.folder_of(1) + "/validate.key";
    CHECK(devnet.start(3, set("node.next_key=" + other)).wait(30s) == 6);
    CHECK_THAT(devnet.process(3).output(),
               Catch::Contains("code 1222") && Catch::Contains(devnet.name(1)));
}

}  // namespace remit::test
