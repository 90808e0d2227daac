#include "node/tls/call_shares.h"

#include <catch2/catch.hpp>

using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {
TransportPin pin(std::uint8_t number) {
    TransportPin out;
    out.data[0] = number;
    return out;
}
}  // namespace

TEST_CASE("call shares: one key cannot take the places of all", "[node][api]") {
    using Entry = CallShares::Entry;
    CallShares shares(5, 3);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(shares.enter(pin(1)) == Entry::taken);
    }
    REQUIRE(shares.enter(pin(1)) == Entry::share_used_up);
    REQUIRE(shares.enter(pin(2)) == Entry::taken);
    REQUIRE(shares.enter(pin(3)) == Entry::taken);
    REQUIRE(shares.enter(pin(4)) == Entry::full);
    REQUIRE(shares.total() == 5);
    // A place that is given back is anybody's, up to the share.
    shares.leave(pin(1));
    REQUIRE(shares.enter(pin(4)) == Entry::taken);
    REQUIRE(shares.enter(pin(1)) == Entry::full);
    shares.leave(pin(3));
    REQUIRE(shares.enter(pin(1)) == Entry::taken);
    // Who holds none has none to give back.
    shares.leave(pin(9));
    REQUIRE(shares.total() == 5);
}
