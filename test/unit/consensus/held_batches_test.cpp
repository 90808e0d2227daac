#include <catch2/catch.hpp>

#include <algorithm>

#include "test/support/consensus/alone.h"

// How long a held batch is kept, and when a leader may name it.

using namespace remit;
using namespace remit::consensus;
using remit::test::Alone;

namespace {

/// The header this node proposes in the output, if it does.
std::optional<Header> proposed(const Output& output) {
    for (const auto& send : output.send) {
        if (const auto* proposal = std::get_if<Proposal>(&send.message)) {
            return proposal->header;
        }
    }
    return std::nullopt;
}

bool gives(const Output& output, const Hash& batch) {
    return std::any_of(output.send.begin(), output.send.end(), [&](const auto& send) {
        const auto* given = std::get_if<BatchHandle>(&send.message);
        return given != nullptr && (*given)->digest() == batch;
    });
}

}  // namespace

TEST_CASE("batches: one that is acknowledged is kept and given until it expires", "[consensus]") {
    Alone node(0);
    const auto author = node.others().front();
    constexpr Height expires = 3;
    const auto batch = node.batch(author, 1, expires);
    const auto taken = node.tell(author, batch);
    REQUIRE(std::any_of(taken.send.begin(), taken.send.end(), [](const auto& send) {
        return std::holds_alternative<Ack>(send.message);
    }));
    // Its certificate is out: any leader may name it as long as a height allows it.
    static_cast<void>(node.tell(author, node.available(batch->entry())));
    auto parent = node.chain.genesis;
    for (Height height = 1; height <= expires; ++height) {
        CAPTURE(height);
        const BatchesRequest request{{batch->digest()}};
        CHECK(gives(node.tell(node.others().back(), request), batch->digest()));
        const auto block = node.child(parent, height);
        static_cast<void>(node.tell(node.proposal(block)));
        const auto output = node.tell(node.certificate(VoteKind::finalize, height, block.digest()));
        REQUIRE(node.engine.metrics().finalised_height == height);
        const bool dropped = output.drop_batches == std::vector{batch->digest()};
        CHECK(dropped == (height == expires));
        CHECK(node.engine.metrics().batches_held == (height == expires ? 0 : 1));
        parent = block;
    }
}

TEST_CASE("batches: after a nullified view a leader names none without a certificate",
          "[consensus]") {
    enum Before { notarized, nullified, nullified_and_certified };
    for (const auto before : {notarized, nullified, nullified_and_certified}) {
        CAPTURE(before);
        Alone node(2);
        const auto author = node.others().front();
        const auto batch = node.batch(author, 1);
        static_cast<void>(node.tell(author, batch));
        if (before == nullified_and_certified) {
            static_cast<void>(node.tell(author, node.available(batch->entry())));
        }
        std::optional<Header> header;
        if (before == notarized) {
            const auto first = node.child(node.chain.genesis, 1);
            static_cast<void>(node.tell(node.proposal(first)));
            header = proposed(node.tell(node.certificate(VoteKind::notarize, 1, first.digest())));
        } else {
            header = proposed(node.tell(node.certificate(VoteKind::nullify, 1, Hash{})));
        }
        REQUIRE(header);
        CHECK(header->view == 2);
        const bool named = header->batches == std::vector{batch->entry()};
        CHECK(named == (before != nullified));
        CHECK((named || header->batches.empty()));
    }
}
