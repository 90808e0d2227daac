#include <catch2/catch.hpp>
#include <csignal>

#include "test/support/devnet/governance.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

/// As an operator does it: stop, install, start, look.
void restart(Devnet& devnet, std::size_t node, const std::string& program) {
    devnet.process(node).signal(SIGTERM);
    REQUIRE(devnet.process(node).wait(20s) == 0);
    devnet.install(node, program);
    devnet.start(node);
}

std::size_t times(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("upgrade: one node after the other, then governance activates the next version",
          "[slow]") {
    const std::string next = "remit-node-next";
    Devnet devnet(4, 0, short_epoch);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    const MemberClient other(devnet, 1);
    client.must_open();
    for (const std::size_t node : {2U, 1U, 0U}) {
        restart(devnet, node, next);
        (node == 0 ? other : client).must_open();  // three are enough
        REQUIRE(becomes_ready(devnet, node));
    }
    // The last one was forgotten. Its version is in force, and all four vote.
    client.must_open(2);
    govern(devnet, client, nodes(devnet, {0, 1, 2, 3}), 2);
    const auto version = [&client] {
        v1::GetValidatorsResponse out;
        REQUIRE(
            client.call(&v1::LedgerService::Stub::GetValidators, v1::GetValidatorsRequest{}, out)
                .ok());
        return out.in_force().protocol_version();
    };
    CHECK(version() == 1);
    REQUIRE(pay_until(client, [&] { return version() == 2; }));
    client.must_open(3);

    // It refuses, says so with its number, and answers what it has.
    const auto refuses = [&] {
        return eventually(
            [&] {
                client.must_open();
                return http_get(devnet.ops_port(3), "/readyz").body.find("code 990") !=
                       std::string::npos;
            },
            120s);
    };
    REQUIRE(refuses());
    CHECK(devnet.is_running(3));
    CHECK_THAT(devnet.process(3).output(),
               Catch::Contains("protocol_version_unsupported") && Catch::Contains("\"code\":990"));
    CHECK(http_get(devnet.ops_port(3), "/healthz").status == 200);
    CHECK(metric(devnet.ops_port(3), "remit_voting") == 0);
    const MemberClient old(devnet, 3);
    const auto stands_at = old.status().executed_height();
    CHECK(old.block(1).height() == 1);
    client.must_open(3);
    CHECK(old.status().executed_height() == stands_at);
    // Without its vote the other three are all needed.
    devnet.process(2).kill();
    CHECK_FALSE(client.submit(client.open_accounts(), 3'000).is_final());
    devnet.start(2);
    REQUIRE(becomes_ready(devnet, 2));
    client.must_open();
    // A start without the upgrade says it again.
    const auto before = times(devnet.process(3).output(), "protocol_version_unsupported");
    restart(devnet, 3, "remit-node");
    REQUIRE(refuses());
    CHECK(times(devnet.process(3).output(), "protocol_version_unsupported") > before);

    restart(devnet, 3, next);
    REQUIRE(becomes_ready(devnet, 3));
    devnet.process(2).kill();
    client.must_open(3);  // by its vote
    devnet.start(2);
    REQUIRE(becomes_ready(devnet, 2));

    // A way back there is none: the old release votes no more, whatever it executed as the new one.
    restart(devnet, 2, "remit-node");
    REQUIRE(eventually(
        [&] {
            return http_get(devnet.ops_port(2), "/readyz").body.find("code 990") !=
                   std::string::npos;
        },
        120s));
    client.must_open(3);
    restart(devnet, 2, next);
    REQUIRE(becomes_ready(devnet, 2));
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        CAPTURE(devnet.name(node));
        CHECK(metric(devnet.ops_port(node), "remit_equivocations_total") <= 0);
        CHECK(metric(devnet.ops_port(node), "remit_stopped") == 0);
    }
}

}  // namespace remit::test
