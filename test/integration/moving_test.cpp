#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "test/support/devnet/governance.h"
#include "test/support/node/free_port.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

void stop(Devnet& devnet, std::size_t node) {
    devnet.process(node).signal(SIGTERM);
    REQUIRE(devnet.process(node).wait(20s) == 0);
}

/// Payments go on until this node counts so many validators.
bool counts(const Devnet& devnet, const MemberClient& client, std::size_t node, int validators) {
    return pay_until(client, [&] {
        return metric(devnet.ops_port(node), "remit_epoch_validators") == validators;
    });
}

}  // namespace

TEST_CASE("joining: with every genesis validator gone, one joins by those who are there",
          "[slow]") {
    Devnet devnet(1, 2, short_epoch);
    devnet.start(0);
    devnet.start(1);
    REQUIRE(becomes_ready(devnet, 0));
    const MemberClient founder(devnet, 0);
    founder.must_open();
    govern(devnet, founder, nodes(devnet, {0, 1}));
    REQUIRE(counts(devnet, founder, 1, 2));
    const MemberClient client(devnet, 1);
    govern(devnet, client, nodes(devnet, {1}));
    REQUIRE(counts(devnet, client, 0, 1));
    REQUIRE(counts(devnet, client, 1, 1));
    devnet.process(0).kill();
    client.must_open();

    // By genesis alone nobody is there; with the pin of one who is, it is let in once it is
    // planned.
    devnet.write_peers(2, {devnet.peer_line(1)});
    devnet.start(2);
    govern(devnet, client, nodes(devnet, {1, 2}));
    REQUIRE(counts(devnet, client, 1, 2));
    REQUIRE(counts(devnet, client, 2, 2));
    client.must_open(3);  // both votes are needed
    // It has a chain of its own by now, and needs the line no more than the others do.
    stop(devnet, 2);
    devnet.start(2);
    REQUIRE(becomes_ready(devnet, 2));
    const auto paid_at = client.must_open().receipts(0).height();
    CHECK(
        eventually([&] { return MemberClient(devnet, 2).status().executed_height() >= paid_at; }));
}

TEST_CASE("joining: a founder that is down is no obstacle, nor one that is left out", "[slow]") {
    Devnet devnet(4, 1, short_epoch);
    devnet.start_all();
    const MemberClient client(devnet, 1);
    client.must_open();
    devnet.process(0).kill();
    devnet.write_peers(
        4, {devnet.name(0) + " = \"127.0.0.1:" + std::to_string(devnet.peer_port(0)) + "\"",
            devnet.name(2) + " = \"127.0.0.1:" + std::to_string(devnet.peer_port(2)) + "\"",
            devnet.peer_line(3)});
    devnet.start(4);
    govern(devnet, client, nodes(devnet, {1, 2, 3, 4}));
    REQUIRE(
        pay_until(client, [&] { return metric(devnet.ops_port(4), "remit_epoch_member") == 1; }));
    devnet.process(2).kill();
    client.must_open(3);  // by the newcomer's vote
}

TEST_CASE("joining: peers that cannot be are refused", "[integration]") {
    Devnet devnet(4, 1, short_epoch);
    const auto refused = [&](const std::vector<std::string>& lines) {
        devnet.write_peers(4, lines);
        CHECK(devnet.start(4).wait(30s) == 7);
        return devnet.process(4).output();
    };
    CHECK_THAT(refused({}), Catch::Contains("nobody to join by"));
    CHECK_THAT(refused({"somebody = \"127.0.0.1:7000\""}), Catch::Contains("PIN@host:port"));
    CHECK_THAT(refused({"somebody = \"abc@127.0.0.1:7000\""}),
               Catch::Contains("abc is not the pin"));
    CHECK_THAT(refused({"somebody = \"" + std::string(64, 'a') + "@nowhere\""}),
               Catch::Contains("peers.somebody"));
}

TEST_CASE("moving: a validator gets another address and certificate, and nobody else does a thing",
          "[slow]") {
    Devnet devnet(4, 0, short_epoch);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    const auto identity = node::make_tls_identity("moved").value();
    const std::string folder = devnet.folder_of(3) + "/moved";
    std::filesystem::create_directories(folder);
    REQUIRE(node::write_tls_identity(folder, identity));
    const auto pin = node::read_certificate(identity.certificate_pem)->pin;
    const auto address = "127.0.0.1:" + std::to_string(node::free_ports(1).front());
    const std::vector<std::string> moved{"--set", "peer.listen=" + address,
                                         "--set", "tls.certificate=moved/tls.crt",
                                         "--set", "tls.key=moved/tls.key"};
    auto wanted = nodes(devnet, {0, 1, 2, 3});
    wanted[3].address = address;
    wanted[3].transport_pin.data = pin.data;
    govern(devnet, client, wanted);
    for (const std::size_t node : {0U, 1U, 2U}) {
        REQUIRE(eventually([&] {
            return devnet.process(node).output().find("validator_renewed") != std::string::npos;
        }));
    }
    // A founder that has executed nothing is measured by genesis: it must know of the plan itself.
    REQUIRE(eventually([&] {
        return metric(devnet.ops_port(3), "remit_executed_height") >=
               metric(devnet.ops_port(0), "remit_executed_height");
    }));
    // Nothing has ended: it moves when it likes.
    CHECK(eventually([&] { return metric(devnet.ops_port(0), "remit_peers_connected") == 3; }));
    const auto epoch = epoch_of(devnet, 0);
    stop(devnet, 3);
    devnet.start(3, moved);
    const bool ready_there = becomes_ready(devnet, 3);
    INFO(devnet.process(3).output());
    REQUIRE(ready_there);
    const auto all_meet = [&] {
        return eventually(
            [&] {
                for (const std::size_t node : {0U, 1U, 2U, 3U}) {
                    if (metric(devnet.ops_port(node), "remit_peers_connected") != 3) {
                        return false;
                    }
                }
                return true;
            },
            120s);
    };
    REQUIRE(all_meet());
    REQUIRE(pay_until(client,
                      [&] { return epoch_of(devnet, 0) > epoch && epoch_of(devnet, 3) > epoch; }));
    REQUIRE(all_meet());
    devnet.process(2).kill();
    client.must_open(3);  // by the vote of the one that moved
    devnet.start(2);
    REQUIRE(becomes_ready(devnet, 2));

    // The certificate before opens nothing any more.
    stop(devnet, 3);
    devnet.start(3, {"--set", "peer.listen=" + address});
    REQUIRE(eventually([&] {
        return devnet.process(3).output().find("certificate_not_listed") != std::string::npos;
    }));
    CHECK_THAT(devnet.process(3).output(), Catch::Contains("\"code\":1223"));
    REQUIRE(eventually([&] { return metric(devnet.ops_port(3), "remit_peers_connected") == 0; }));
    client.must_open(5);
    CHECK(metric(devnet.ops_port(3), "remit_peers_connected") == 0);
    CHECK(eventually([&] { return metric(devnet.ops_port(0), "remit_peers_connected") == 2; }));
    stop(devnet, 3);
    devnet.start(3, moved);
    REQUIRE(becomes_ready(devnet, 3));
}

}  // namespace remit::test
