#include <catch2/catch.hpp>

#include "consensus/arrivals.h"
#include "test/support/consensus/network.h"

// What is large travels longer than a view lasts: nobody waits in a view for its data.

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

Hash digest_of(std::uint8_t number) {
    Writer writer;
    writer.u8(number);
    return remit::hash(domain::batch, writer.view());
}

Bytes large(char fill) {
    return Bytes(std::size_t{100} * 1024, fill);
}

/// What `author` sends of its batches' data goes to the favourite alone.
VirtualNetwork::Filter only_to(ValidatorIndex author, ValidatorIndex favourite) {
    return [=](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        return from != author || to == favourite || !std::holds_alternative<BatchHandle>(message);
    };
}

}  // namespace

TEST_CASE("arrivals: how late authors' own copies are, which f of them cannot stretch",
          "[consensus]") {
    Arrivals arrivals;
    CHECK(arrivals.usual_ms(1) == 0);
    const auto batch = [&](std::uint8_t number, ValidatorIndex author, std::int64_t late_ms) {
        arrivals.heard(digest_of(number), 1'000);
        arrivals.heard(digest_of(number), 1'500);  // the first time counts
        arrivals.came(digest_of(number), author, 1'000 + late_ms);
    };
    batch(1, 3, 5'000);
    CHECK(arrivals.usual_ms(0) == 5'000);
    CHECK(arrivals.usual_ms(1) == 0);  // one author says nothing about the link
    batch(2, 2, 800);
    batch(3, 1, 600);
    CHECK(arrivals.usual_ms(1) == 800);
    // It falls slowly, and to nothing with batches that come before anybody speaks of them.
    batch(4, 2, 0);
    CHECK(arrivals.usual_ms(1) == 700);
    for (int i = 0; i < 100; ++i) {
        for (ValidatorIndex author = 1; author <= 3; ++author) {
            arrivals.came(digest_of(9), author, 2'000);
        }
    }
    CHECK(arrivals.usual_ms(1) < 10);
    batch(5, 1, 600'000);
    batch(6, 2, 600'000);
    CHECK(arrivals.usual_ms(1) == 8'000);
    // What is never brought is forgotten, and its late coming says nothing.
    arrivals.heard(digest_of(7), 1'000);
    arrivals.prune(62'000);
    arrivals.came(digest_of(7), 3, 62'000);
    CHECK(arrivals.usual_ms(2) < 8'000);
}

TEST_CASE("engine: a large batch is named by certificate, by leaders that lack its data too",
          "[consensus]") {
    VirtualNetwork network(4);
    const auto author = static_cast<ValidatorIndex>(GENERATE(0, 1, 2, 3));
    const auto only = only_to(author, static_cast<ValidatorIndex>((author + 1) % 4));
    std::size_t named_without_data = 0;
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            for (const auto& entry : proposal->header.batches) {
                const bool lacks = !network.node(from).disk.batches.contains(entry.digest);
                named_without_data += lacks ? 1 : 0;
                CHECK_FALSE(proposal->justification.availability.empty());
            }
        }
        return only(from, to, message);
    };
    for (char fill = 'a'; fill < 'i'; ++fill) {
        network.submit(author, large(fill));
        REQUIRE(network.run_until([&] { return network.all_executed(large(fill)); }, 20'000));
    }
    for (ValidatorIndex each = 0; each < 4; ++each) {
        CHECK(network.node(each).engine->metrics().views_nullified == 0);
        CHECK(network.node(each).engine->metrics().authors_on_probation == 0);
    }
    CHECK(named_without_data > 0);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: blocks that cannot name a batch do not follow one another", "[consensus]") {
    VirtualNetwork network(4);
    constexpr ValidatorIndex author = 2;
    // Nobody's acknowledgement arrives, so no certificate forms.
    network.filter = [](ValidatorIndex, ValidatorIndex, const Message& message) {
        return !std::holds_alternative<Ack>(message);
    };
    network.run_for(500);
    const auto view = [&] { return network.node(0).engine->metrics().view; };
    const auto before = view();
    network.submit(author, large('x'));
    constexpr std::int64_t waited_ms = 30'000;
    network.run_for(waited_ms);
    CHECK_FALSE(network.all_executed(large('x')));
    const auto passed = view() - before;
    CHECK(passed > 0);
    CHECK(passed <= 2 * static_cast<View>(waited_ms) / Params().resend_ms);
    // It is not given up either.
    network.filter = nullptr;
    CHECK(network.run_until([&] { return network.all_executed(large('x')); }, 10'000));
    CHECK(network.faults().empty());
}
