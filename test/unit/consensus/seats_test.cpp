#include "consensus/seats.h"

#include <catch2/catch.hpp>

namespace remit::consensus {
namespace {

PublicKey key(std::uint8_t fill) {
    PublicKey out;
    out.data.fill(fill);
    return out;
}

ValidatorSet set_of(Epoch epoch, const std::vector<std::uint8_t>& keys) {
    const std::vector<std::string> names{"a", "b", "c", "d"};
    std::vector<Validator> all;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        all.push_back({key(keys[i]), names[i]});
    }
    return {epoch, std::move(all)};
}

/// Node b of four, with the keys 2 and 22.
Seats seats_of_b() {
    EngineConfig config;
    config.validators = set_of(1, {1, 2, 3, 4});
    config.self = 1;
    config.peers = {key(1), key(2), key(3), key(4)};
    config.other_keys = {{key(22), nullptr}};
    config.name = "b";
    return Seats(config);
}

}  // namespace

TEST_CASE("seats: a node that says its name sits there whatever key the set gives it", "[seats]") {
    auto seats = seats_of_b();
    for (const std::uint8_t own : std::vector<std::uint8_t>{2, 22, 77}) {
        CAPTURE(own);
        seats.sit(set_of(2, {1, own, 3, 4}));
        CHECK(seats.self() == 1);
        CHECK(seats.number(1) == PeerNumber{1});
        CHECK(seats.number(2) == PeerNumber{2});
    }
}

TEST_CASE("seats: a key of ours under another name does not make its seat ours", "[seats]") {
    auto seats = seats_of_b();
    seats.sit(set_of(2, {1, 77, 22, 4}));
    CHECK(seats.self() == 1);
    CHECK_FALSE(seats.number(2));  // a validator whom the host does not know yet
    seats.add(2, key(22));
    CHECK(seats.self() == 1);
    CHECK(seats.number(2) == PeerNumber{2});

    // Not listed at all: a guest, although the set has a key that this node holds.
    std::vector<Validator> others{{key(1), "a"}, {key(2), "x"}, {key(3), "c"}, {key(4), "d"}};
    seats.sit(ValidatorSet(3, others));
    CHECK(seats.self() >= 4);
}

}  // namespace remit::consensus
