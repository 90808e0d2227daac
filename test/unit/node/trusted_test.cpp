#include <catch2/catch.hpp>

#include "node/membership.h"

namespace remit::node {

TEST_CASE("node.trusted: an epoch and the digest of the block that it stands on") {
    const std::string digest(64, 'a');
    CHECK_FALSE(parse_trusted("")->has_value());
    const auto root = parse_trusted("7:" + digest);
    REQUIRE(root);
    REQUIRE(root->has_value());
    CHECK((*root)->epoch == 7);
    CHECK((*root)->block.hex() == digest);
    for (const std::string wrong : {"7", ":", "7:", ":aa", "x:aa", "7:zz", "-7:aa", "7 :aa", "7:aa",
                                    "99999999999999999999:aa"}) {
        CAPTURE(wrong);
        const auto refused = parse_trusted(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().exit == ExitCode::bad_configuration);
    }
    // The first epoch stands on genesis, which the node has.
    CHECK_FALSE(parse_trusted("1:" + digest));
    CHECK_FALSE(parse_trusted("0:" + digest));
    CHECK_FALSE(parse_trusted("7x:" + digest));
    CHECK_FALSE(parse_trusted("7:" + digest + "aa"));
}

}  // namespace remit::node
