#include <catch2/catch.hpp>
#include <csignal>

#include "test/support/devnet/lying_validator.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {

TEST_CASE("fork: nodes that are shown one say so, stop, and stay stopped", "[integration]") {
    constexpr std::size_t liar_at = 3;
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    const auto paid = client.must_open();
    devnet.process(liar_at).kill();
    LyingValidator liar(devnet, liar_at);
    // More than f keys are in wrong hands: what they sign nobody can tell from a quorum's word.
    const auto view = static_cast<consensus::View>(metric(devnet.ops_port(0), "remit_view")) + 100;
    liar.say(liar.certificate(consensus::VoteKind::finalize, view, hash(domain::header, "theirs"),
                              {1, 2, 3}));
    liar.say(liar.certificate(consensus::VoteKind::nullify, view, Hash{}, {1, 2, 3}));
    const auto check_stopped = [&](std::size_t node) {
        CAPTURE(node, devnet.process(node).output());
        REQUIRE(eventually([&] { return metric(devnet.ops_port(node), "remit_stopped") == 1; }));
        const auto readiness = http_get(devnet.ops_port(node), "/readyz");
        CHECK(readiness.status == 503);
        CHECK_THAT(readiness.body, Catch::Contains("1231"));
        CHECK_THAT(readiness.body, Catch::Contains("finalized_and_nullified"));
        CHECK(http_get(devnet.ops_port(node), "/healthz").status == 503);
        CHECK(metric(devnet.ops_port(node), "remit_voting") == 0);
        CHECK_THAT(devnet.process(node).output(), Catch::Contains("chain_forked"));
        CHECK(metric(devnet.ops_port(node), "remit_evidence_waiting") == 3);
    };
    for (std::size_t node = 0; node < liar_at; ++node) {
        check_stopped(node);
    }
    CHECK_FALSE(client.submit(client.open_accounts(), 2'000).is_final());
    // What was final before is still told.
    CHECK(client.block(paid.receipts(0).height()).height() == paid.receipts(0).height());
    devnet.process(0).signal(SIGTERM);
    REQUIRE(devnet.process(0).wait(20s) == 0);
    devnet.start(0);
    check_stopped(0);
    CHECK_FALSE(MemberClient(devnet, 0).submit(client.open_accounts(), 2'000).is_final());
}

}  // namespace remit::test
