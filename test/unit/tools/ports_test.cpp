#include "tools/devnet/ports.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/node/free_port.h"

namespace remit::devnet {

TEST_CASE("ports: node, gateway and rail ports never meet", "[devnet][ports]") {
    auto all = all_ports(Ports{7000}, 4, 3, 3);
    CHECK(all.size() == 4 * 3 + 3 * 2 + 3 * 2);
    CHECK(Ports{7000}.node_api(2) == 7021);
    CHECK(Ports{7000}.gateway_api(1) == 7110);
    CHECK(Ports{7000}.rail(2) == 7220);
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("ports: a taken one is seen, and its block is refused or passed over",
          "[devnet][ports]") {
    const node::TakenPort taken;
    const auto port = taken.number();
    REQUIRE(port != 0);
    CHECK_FALSE(is_free(port));
    const auto refused = choose_ports(port, 4, 3, 3);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == "PORT_IN_USE");
    CHECK(refused.error().exit == cli::ExitCode::bad_configuration);
    const auto chosen = choose_ports(0, 4, 3, 3);
    REQUIRE(chosen.has_value());
    for (const auto free : all_ports(*chosen, 4, 3, 3)) {
        CHECK(free != port);
    }
}

}  // namespace remit::devnet
