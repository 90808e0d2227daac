#include "consensus/probation.h"

#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

Entry entry_of(std::uint8_t number, ValidatorIndex author) {
    Writer writer;
    writer.u8(number);
    return {.digest = remit::hash(domain::batch, writer.view()),
            .author = author,
            .expires_height = 500,
            .bytes = 100};
}

}  // namespace

TEST_CASE("probation: only what came from another and not from its author in time accuses",
          "[consensus]") {
    Probation probation;
    const auto never = entry_of(1, 1);
    const auto in_time = entry_of(2, 2);
    const auto other_first = entry_of(3, 3);
    const auto late = entry_of(4, 4);
    const auto withheld = entry_of(5, 5);
    const auto sent_after = entry_of(6, 6);
    for (const auto& entry : {never, in_time, other_first, late, withheld, sent_after}) {
        probation.expect(entry, 1'050);
    }
    probation.arrived(in_time.digest, 2, 1'050);
    probation.arrived(other_first.digest, 9, 1'020);
    probation.arrived(other_first.digest, 3, 1'040);
    probation.arrived(late.digest, 4, 1'060);
    probation.arrived(withheld.digest, 9, 1'100);
    probation.arrived(sent_after.digest, 9, 1'100);
    probation.arrived(sent_after.digest, 6, 1'200);
    probation.arrived(entry_of(7, 7).digest, 9, 1'100);  // nobody asked for it in a view
    probation.judge(1'050, 40);
    CHECK(probation.count(40) == 0);
    probation.judge(1'200, 40);
    CHECK(probation.count(40) == 2);
    CHECK(probation.holds(5, 40));
    CHECK(probation.holds(6, 40));
    CHECK(probation.holds(5, 139));
    CHECK_FALSE(probation.holds(5, 140));
    probation.judge(1'300, 140);
    CHECK(probation.count(0) == 0);

    // What was never made is forgotten, and no later copy counts.
    probation.judge(12'000, 141);
    probation.arrived(never.digest, 9, 12'001);
    probation.judge(12'002, 141);
    CHECK(probation.count(141) == 0);
}

TEST_CASE("probation: a leader names the batches of an author that starves it by certificate alone",
          "[consensus]") {
    Params params;
    params.inline_bytes_max = 1;  // batches travel by themselves
    VirtualNetwork network(4, params);
    constexpr ValidatorIndex author = 3;
    constexpr ValidatorIndex favourite = 0;
    bool starves = true;
    std::map<ValidatorIndex, std::size_t> bare;  // proposals that name its batches and bring no AC
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            for (const auto& named : proposal->header.batches) {
                bare[from] += to == author && named.author == author &&
                                      proposal->justification.availability.empty()
                                  ? 1
                                  : 0;
            }
        }
        const bool data = std::holds_alternative<BatchHandle>(message) ||
                          std::holds_alternative<AvailabilityCertificate>(message);
        return !(starves && from == author && to != favourite && data);
    };
    const auto pay = [&](int number, ValidatorIndex node) {
        const Bytes item = "item " + std::to_string(node) + " " + std::to_string(number);
        network.submit(node, item);
        return network.run_until([&] { return network.all_executed(item); }, 60'000);
    };
    const auto on_probation = [&](ValidatorIndex node) {
        return network.node(node).engine->metrics().authors_on_probation;
    };
    for (int i = 0; i < 12; ++i) {
        REQUIRE(pay(i, author));
    }
    CHECK(on_probation(favourite) == 0);
    CHECK(on_probation(1) == 1);
    CHECK(on_probation(2) == 1);
    bare.clear();
    for (int i = 12; i < 24; ++i) {
        REQUIRE(pay(i, author));
    }
    CHECK(bare[1] == 0);
    CHECK(bare[2] == 0);

    // It ends by itself once the author sends to all again.
    starves = false;
    for (int i = 24; i < 24 + 120; ++i) {
        REQUIRE(pay(i, static_cast<ValidatorIndex>(i % 4)));
    }
    CHECK(on_probation(1) == 0);
    CHECK(on_probation(2) == 0);
    bare.clear();
    for (int i = 0; i < 12; ++i) {
        REQUIRE(pay(1'000 + i, author));
    }
    CHECK(bare[1] + bare[2] > 0);
    CHECK(network.faults().empty());
}
