#include "node/storage/layered_view.h"

#include <catch2/catch.hpp>

#include <deque>

#include "ledger/state/memory_view.h"
#include "test/support/node/prng.h"

namespace remit::node {
namespace {

/// A base, up to four layers over it, and the plain truth beside them.
struct Fixture {
    test::Prng random{11, "layered view"};
    ledger::MemoryView base;
    ledger::MemoryView truth;
    std::deque<LayeredView::Layer> layers;

    Bytes a_key() {
        Bytes key(1, static_cast<char>(random.below(3)));
        for (std::uint64_t i = random.below(3); i > 0; --i) {
            key.push_back(static_cast<char>(random.below(6) * 51));  // up to 0xff
        }
        return key;
    }
    void add_layer() {
        ledger::Delta::WriteSet writes;
        for (std::uint64_t i = random.below(6); i > 0; --i) {
            writes[a_key()] = random.below(3) > 0
                                  ? std::optional(Bytes(1, static_cast<char>(random.below(256))))
                                  : std::nullopt;
        }
        truth.apply(writes);
        layers.push_back(std::make_shared<const ledger::Delta::WriteSet>(std::move(writes)));
    }
    void compare(const LayeredView& view) {
        const auto key = a_key();
        const auto from = a_key();
        const auto prefix = a_key().substr(0, random.below(3));
        CAPTURE(to_hex(key), to_hex(from), to_hex(prefix));
        REQUIRE(view.get(key) == truth.get(key));
        REQUIRE(view.next(from, prefix) == truth.next(from, prefix));
        REQUIRE(view.next(prefix, prefix) == truth.next(prefix, prefix));
    }
};

}  // namespace

TEST_CASE("layered view: reads what the layers say over the base", "[node][storage]") {
    Fixture fixture;
    constexpr int rounds = 3'000;
    for (int round = 0; round < rounds; ++round) {
        fixture.add_layer();
        const LayeredView view(fixture.base, {fixture.layers.begin(), fixture.layers.end()});
        fixture.compare(view);
        if (fixture.layers.size() == 4) {
            // The base takes over the lowest layer under the view's feet: nothing changes.
            fixture.base.apply(*fixture.layers.front());
            fixture.layers.pop_front();
            fixture.compare(view);
        }
    }
    CHECK(fixture.truth.records().size() > 50);
}

}  // namespace remit::node
