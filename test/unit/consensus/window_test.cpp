#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "test/support/consensus/alone.h"

// What of an author's batches a node takes: up to its window and within the heights that a block
// may still name, whoever offers it; and which certificates it keeps of those it has not.

using namespace remit;
using namespace remit::consensus;
using remit::test::Alone;
using remit::test::votes;

namespace {

constexpr std::uint32_t window = 4;

Params small_window() {
    Params params;
    params.author_window = window;
    return params;
}

/// Digests asked for.
std::set<Hash> requested(const Output& output) {
    std::set<Hash> out;
    for (const auto& send : output.send) {
        if (const auto* request = std::get_if<BatchesRequest>(&send.message)) {
            out.insert(request->digests.begin(), request->digests.end());
        }
    }
    return out;
}

/// Neither kept, nor acknowledged, nor held against its sender.
bool left_alone(const Output& output) {
    return output.store_batches.empty() && output.misbehaviour.empty() &&
           std::none_of(output.send.begin(), output.send.end(),
                        [](const auto& send) { return std::holds_alternative<Ack>(send.message); });
}

}  // namespace

TEST_CASE("window: what an author offers itself never passes its window", "[consensus]") {
    Alone node(0, small_window());
    const auto author = node.others().front();
    std::uint64_t nonce = 0;
    for (std::uint32_t i = 0; i + 1 < window; ++i) {
        CHECK(node.tell(author, node.batch(author, ++nonce)).store_batches.size() == 1);
    }
    std::map<Hash, BatchHandle> offered;
    Offer offer;
    for (int i = 0; i < 8; ++i) {
        const auto batch = node.batch(author, ++nonce);
        offered[batch->digest()] = batch;
        offer.entries.push_back(batch->entry());
    }
    auto output = node.tell(author, offer);
    CHECK(requested(output).size() == 1);  // one place is free
    // Whatever it is asked for, and all the rest, it sends, for as long as it likes.
    for (int round = 0; round < 3; ++round) {
        for (const auto& [digest, batch] : offered) {
            static_cast<void>(node.tell(author, batch));
            static_cast<void>(node.tick(10));
        }
        static_cast<void>(node.tell(author, offer));
    }
    CHECK(node.engine.metrics().batches_held == window);
    // Another author's places are its own.
    const auto other = node.others().back();
    CHECK(node.tell(other, node.batch(other, ++nonce)).store_batches.size() == 1);
}

TEST_CASE("window: a certified batch is fetched whatever the window", "[consensus]") {
    Alone node(0, small_window());
    const auto author = node.others().front();
    for (std::uint64_t nonce = 1; nonce <= window; ++nonce) {
        static_cast<void>(node.tell(author, node.batch(author, nonce)));
    }
    const auto more = node.batch(author, window + 1);
    CHECK(left_alone(node.tell(author, more)));
    static_cast<void>(node.tell(author, node.available(more->entry())));
    // Asked for once it should have come by itself.
    CHECK(requested(node.tick(1000)) == std::set<Hash>{more->digest()});
    CHECK(node.tell(author, more).store_batches.size() == 1);
}

TEST_CASE("window: a batch beyond the author's window is neither stored nor acknowledged",
          "[consensus]") {
    Alone node(0);
    const auto author = node.others().front();
    const auto places = std::uint64_t{node.chain.params.author_window};
    for (std::uint64_t nonce = 1; nonce <= places; ++nonce) {
        REQUIRE(node.tell(author, node.batch(author, nonce)).store_batches.size() == 1);
    }
    CHECK(left_alone(node.tell(author, node.batch(author, places + 1))));
    const auto offered = node.batch(author, places + 2);
    CHECK(requested(node.tell(node.others().back(), Offer{{offered->entry()}})).empty());
    CHECK(node.engine.metrics().batches_held == places);
}

TEST_CASE("window: a batch that expires beyond the heights of the window is not taken",
          "[consensus]") {
    Alone node(0);
    const auto author = node.others().front();
    const auto last = Height{node.chain.params.expiry_window};  // nothing is final yet
    const auto beyond = node.batch(author, 1, last + 1);
    CHECK(left_alone(node.tell(author, beyond)));
    CHECK(requested(node.tell(author, Offer{{beyond->entry()}})).empty());
    static_cast<void>(node.tell(author, node.available(beyond->entry())));
    CHECK(requested(node.tick(1000)).empty());
    // Nor inside the proposal of a block that does not name it, nor of one that does.
    for (const bool named : {false, true}) {
        auto header = node.child(node.chain.genesis, 1);
        header.leader = node.leader(1);
        const auto own = node.batch(header.leader, 2, last + 1);
        if (named) {
            header.batches = {own->entry()};
        }
        auto proposal = node.proposal(header);
        proposal.inline_batch = own;
        const auto output = node.tell(proposal);
        CHECK(std::none_of(output.store_batches.begin(), output.store_batches.end(),
                           [&](const auto& stored) { return stored->digest() == own->digest(); }));
    }
    CHECK(node.engine.metrics().batches_held == 0);
    // The last height that is inside.
    CHECK(node.tell(author, node.batch(author, 3, last)).store_batches.size() == 1);
}

TEST_CASE("window: certificates in a proposal count however many others are kept", "[consensus]") {
    Alone node(0);
    const auto author = node.others().front();
    for (std::uint64_t nonce = 1; nonce <= 1100; ++nonce) {
        static_cast<void>(node.tell(author, node.available(node.batch(author, nonce)->entry())));
    }
    static_cast<void>(node.tell(node.certificate(VoteKind::nullify, 1, Hash{})));
    const auto missing = node.batch(author, 2000);
    auto header = node.child(node.chain.genesis, 2);
    header.batches = {missing->entry()};
    auto proposal = node.proposal(header);
    proposal.justification.availability = {node.available(missing->entry())};
    // Strict mode: nobody waits for data.
    CHECK(votes(node.tell(proposal), VoteKind::notarize, 2));
}
