#include <catch2/catch.hpp>

#include "test/support/devnet/member_client.h"

namespace remit::test {

TEST_CASE("disk low: a node short of disk sends clients elsewhere and goes on voting", "[slow]") {
    Devnet devnet(4);
    constexpr auto more_than_there_is = "store.reserve_mib=1000000000";
    for (std::size_t node = 0; node < 3; ++node) {
        devnet.start(node, node == 0 ? std::vector<std::string>{"--set", more_than_there_is}
                                     : std::vector<std::string>{});
    }
    for (std::size_t node = 0; node < 3; ++node) {
        REQUIRE(
            eventually([&] { return http_get(devnet.ops_port(node), "/readyz").status == 200; }));
    }
    // Three of four: each payment needs the vote of the node that is short.
    const MemberClient short_of_disk(devnet, 0);
    const MemberClient other(devnet, 1);
    const auto envelope = other.open_accounts();
    const auto refused = short_of_disk.submit(envelope);
    CHECK(refused.status.error_code() == grpc::StatusCode::UNAVAILABLE);
    CHECK(reason_of(refused.status) == "DISK_LOW");
    const auto paid = other.submit(envelope);
    REQUIRE(paid.is_final());
    CHECK_FALSE(paid.response.receipts(0).has_refusal());
    CHECK(eventually([&] {
        return short_of_disk.status().executed_height() >= paid.response.receipts(0).height();
    }));
    CHECK(metric(devnet.ops_port(0), "remit_disk_free_bytes") <
          metric(devnet.ops_port(0), "remit_disk_reserve_bytes"));
    CHECK(metric(devnet.ops_port(1), "remit_disk_reserve_bytes") == 0);  // a devnet
}

}  // namespace remit::test
