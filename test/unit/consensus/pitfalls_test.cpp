#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "test/support/consensus/alone.h"

// What others' engines stumbled over (docs/spec/pitfalls.md says which test stands for which).

using namespace remit;
using namespace remit::consensus;
using remit::test::Alone;
using remit::test::VirtualNetwork;
using remit::test::votes;

namespace {

Entry unknown_entry(ValidatorIndex author, Height expires_height) {
    return {.digest = remit::hash(domain::batch, "a batch that is elsewhere"),
            .author = author,
            .expires_height = expires_height,
            .bytes = 100};
}

bool asks_for_header(const Output& output, const Hash& digest) {
    return std::any_of(output.send.begin(), output.send.end(), [&](const auto& send) {
        const auto* request = std::get_if<HeadersRequest>(&send.message);
        return request != nullptr && request->digest == digest;
    });
}

bool asks_for_batch(const Output& output, const Hash& digest) {
    return std::any_of(output.send.begin(), output.send.end(), [&](const auto& send) {
        const auto* request = std::get_if<BatchesRequest>(&send.message);
        return request != nullptr &&
               std::count(request->digests.begin(), request->digests.end(), digest) == 1;
    });
}

}  // namespace

TEST_CASE("engine: votes that only a crash kept from being sent count after the restart",
          "[consensus]") {
    VirtualNetwork network(4);
    const auto dead = network.node(0).engine->leader(1);
    network.crash(dead);
    std::size_t nullified = 0;
    network.filter = [&](ValidatorIndex, ValidatorIndex, const Message& message) {
        const auto* vote = std::get_if<Vote>(&message);
        nullified += vote != nullptr && vote->kind == VoteKind::nullify ? 1 : 0;
        return vote == nullptr;
    };
    for (ValidatorIndex i = 0; i < 4; ++i) {
        if (i != dead) {
            network.submit(i, "item of " + std::to_string(i));
        }
    }
    REQUIRE(network.run_until([&] { return nullified >= 9; }, 20'000));
    // Each has signed, none has heard another: all stop, and with them what was under way.
    for (ValidatorIndex i = 0; i < 4; ++i) {
        network.crash(i);
    }
    network.filter = nullptr;
    for (ValidatorIndex i = 0; i < 4; ++i) {
        if (i != dead) {
            network.restart(i);
        }
    }
    network.submit(dead == 0 ? 1 : 0, "afterwards");
    CHECK(network.run_until(
        [&] {
            for (ValidatorIndex i = 0; i < 4; ++i) {
                const auto items = network.items(i);
                if (i != dead && std::count(items.begin(), items.end(), "afterwards") == 0) {
                    return false;
                }
            }
            return true;
        },
        30'000));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: no view is entered on somebody's word", "[consensus]") {
    Alone node(0);
    const auto liar = node.others().front();
    constexpr View far = 1'000'000;
    static_cast<void>(node.tell(liar, PeerStatus{.epoch = 1,
                                                 .view = far,
                                                 .finalised_view = far,
                                                 .finalised_height = far,
                                                 .executed_height = far,
                                                 .boot_counter = 1,
                                                 .sent_ms = 1}));
    for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
        const auto digest = kind == VoteKind::nullify ? Hash{} : remit::hash(domain::header, "far");
        static_cast<void>(node.tell(liar, node.chain.vote(kind, far, digest, liar)));
        static_cast<void>(node.tell(liar, node.chain.vote(kind, 3, digest, liar)));
    }
    static_cast<void>(node.tell(liar, node.proposal(node.child(node.chain.genesis, far))));
    CHECK(node.engine.metrics().view == 1);
    CHECK(node.engine.metrics().views_nullified == 0);
    // With a certificate it is.
    static_cast<void>(node.tell(liar, node.certificate(VoteKind::nullify, far, Hash{})));
    CHECK(node.engine.metrics().view == far + 1);
}

TEST_CASE("engine: votes of views to come are kept for a few of them alone", "[consensus]") {
    // A quorum of votes makes a certificate as soon as all of them are kept: those of far views are
    // not, however many there are.
    constexpr View near = 9;
    for (const View view : {near, near + 1, View{1000}}) {
        CAPTURE(view);
        Alone node(0);
        for (const auto signer : node.others()) {
            static_cast<void>(
                node.tell(signer, node.chain.vote(VoteKind::nullify, view, Hash{}, signer)));
        }
        CHECK(node.engine.metrics().view == (view == near ? near + 1 : 1));
        CHECK(node.engine.metrics().views_nullified == (view == near ? 1U : 0U));
    }
}

TEST_CASE("engine: a certificate below the finalised floor moves nothing", "[consensus]") {
    Alone node(0);
    const auto first = node.child(node.chain.genesis, 1);
    const auto second = node.child(first, 2);
    static_cast<void>(node.tell(node.proposal(first)));
    static_cast<void>(node.tell(node.certificate(VoteKind::notarize, 1, first.digest())));
    static_cast<void>(node.tell(node.proposal(second)));
    static_cast<void>(node.tell(node.certificate(VoteKind::finalize, 2, second.digest())));
    const auto before = node.engine.metrics();
    REQUIRE(before.finalised_height == 2);
    const auto output = node.tell(node.certificate(VoteKind::nullify, 1, Hash{}));
    const auto after = node.engine.metrics();
    CHECK(after.view == before.view);
    CHECK(after.finalised_view == 2);
    CHECK(after.views_nullified == 0);
    CHECK(output.misbehaviour.empty());
    CHECK(output.commits.empty());
}

TEST_CASE("engine: a block of a view that it nullified is followed to its end", "[consensus]") {
    VirtualNetwork network(4);
    const auto leader = network.node(0).engine->leader(1);
    const auto late = static_cast<ValidatorIndex>((leader + 1) % 4);
    bool deaf = true;
    bool nullified = false;
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        const auto* vote = std::get_if<Vote>(&message);
        nullified = nullified || (from == late && vote != nullptr && vote->view == 1 &&
                                  vote->kind == VoteKind::nullify);
        return to != late || !deaf;
    };
    network.submit(late, "pay");
    REQUIRE(network.run_until([&] { return nullified; }, 10'000));
    REQUIRE(network.run_until([&] { return network.executed(leader) >= 1; }, 10'000));
    deaf = false;
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 20'000));
    CHECK(network.node(late).commits.front().header.view == 1);
    CHECK(network.faults().empty());
    CHECK(network.node(late).misbehaviour.empty());
}

TEST_CASE("engine: a view that it nullified for want of a header or a batch stops nothing",
          "[consensus]") {
    for (const bool lacks_header : {true, false}) {
        CAPTURE(lacks_header);
        Alone node(0);
        const auto author = node.others().front();
        const auto batch = node.batch(author, 1);
        auto header = node.child(node.chain.genesis, 1);
        header.batches = {batch->entry()};
        if (lacks_header) {
            static_cast<void>(node.tell(author, batch));
        } else {
            static_cast<void>(node.tell(node.proposal(header)));
        }
        bool nullified = false;
        for (int i = 0; i < 100 && !nullified; ++i) {
            nullified = votes(node.tick(10), VoteKind::nullify, 1);
        }
        REQUIRE(nullified);
        // The others had everything: they go on, and it goes with them.
        auto output = node.tell(node.certificate(VoteKind::notarize, 1, header.digest()));
        CHECK_FALSE(votes(output, VoteKind::finalize, 1));
        REQUIRE(node.engine.metrics().view == 2);
        const auto next = node.child(header, 2);
        output = node.tell(node.proposal(next));
        if (lacks_header) {
            CHECK(asks_for_header(output, header.digest()));
            output = node.tell(HeadersAnswer{{header}});
        }
        CHECK(votes(output, VoteKind::notarize, 2));
        output = node.tell(node.certificate(VoteKind::finalize, 2, next.digest()));
        REQUIRE(node.engine.metrics().finalised_height == 2);
        if (!lacks_header) {
            CHECK(output.commits.empty());
            CHECK(asks_for_batch(output, batch->digest()));
            output = node.tell(author, batch);
        }
        REQUIRE(output.commits.size() == 2);
        CHECK(output.commits.front().batches == std::vector{batch});
    }
}

TEST_CASE("engine: each certificate is relayed once, by whoever has it first", "[consensus]") {
    const auto relayed = [](const Output& output, const Certificate& certificate) {
        return std::count_if(output.send.begin(), output.send.end(), [&](const auto& send) {
            const auto* sent = std::get_if<Certificate>(&send.message);
            return sent != nullptr && sent->kind == certificate.kind &&
                   sent->view == certificate.view && !send.to;
        });
    };
    Alone node(0);
    const auto first = node.others().front();
    const auto other = node.others().back();
    const auto given = node.certificate(VoteKind::nullify, 1, Hash{});
    CHECK(relayed(node.tell(first, given), given) == 1);
    CHECK(relayed(node.tell(other, given), given) == 0);
    CHECK(relayed(node.tell(first, given), given) == 0);
    // One that it makes of votes, too: those who sent them lack one another's.
    const auto made = node.certificate(VoteKind::nullify, 2, Hash{});
    std::ptrdiff_t sent = 0;
    for (const auto signer : node.others()) {
        sent +=
            relayed(node.tell(signer, node.chain.vote(VoteKind::nullify, 2, Hash{}, signer)), made);
    }
    CHECK(sent == 1);
    // What it asked for itself the others have.
    const auto asked = node.certificate(VoteKind::nullify, 3, Hash{});
    CHECK(relayed(node.tell(first, CertificatesAnswer{{asked}}), asked) == 0);
    CHECK(node.engine.metrics().view == 4);
}

TEST_CASE("engine: a view notarized here and nullified there splits nobody", "[consensus]") {
    VirtualNetwork network(4);
    const auto& chain = network.chain();
    const auto leader = network.node(0).engine->leader(1);
    const auto after = [&](int steps) { return static_cast<ValidatorIndex>((leader + steps) % 4); };
    const auto both = after(1);   // notarizes, then nullifies
    const auto never = after(2);  // gets no proposal
    const auto liar = after(3);   // signs both, as the test pleases
    network.crash(liar);
    bool apart = true;
    std::optional<Hash> digest;
    std::set<ValidatorIndex> nullified;
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        if (const auto* proposal = std::get_if<Proposal>(&message);
            proposal != nullptr && proposal->header.view == 1) {
            digest = proposal->header.digest();
            return !apart || to == both;
        }
        const auto* vote = std::get_if<Vote>(&message);
        if (vote != nullptr && vote->kind == VoteKind::nullify && vote->view == 1) {
            nullified.insert(from);
        }
        const bool votes_apart =
            vote != nullptr && (vote->kind != VoteKind::nullify || to == leader);
        return !apart || !(votes_apart || std::holds_alternative<Certificate>(message));
    };
    network.submit(leader, "pay");
    REQUIRE(network.run_until([&] { return digest.has_value(); }, 1000));
    network.run_for(20);
    network.inject(both, leader,
                   chain.certificate(VoteKind::notarize, 1, *digest, {leader, both, liar}));
    CHECK(network.node(leader).engine->metrics().view == 2);  // by the Notarization
    CHECK(network.node(leader).engine->metrics().views_nullified == 0);
    network.submit(never, "pay back");
    REQUIRE(network.run_until([&] { return nullified.size() == 2; }, 5000));
    for (const auto each : {both, never}) {
        network.inject(liar, each, chain.vote(VoteKind::nullify, 1, Hash{}, liar));
    }
    network.run_for(20);
    CHECK_FALSE(nullified.contains(leader));
    CHECK(network.node(never).engine->metrics().views_nullified == 1);
    CHECK(network.node(both).engine->metrics().views_nullified == 1);

    apart = false;
    CHECK(network.run_until(
        [&] {
            return network.items(leader).size() == 2 && network.items(both).size() == 2 &&
                   network.items(never).size() == 2;
        },
        30'000));
    for (const auto each : {leader, both, never}) {
        CHECK(network.node(each).misbehaviour.empty());
    }
    CHECK(network.faults().empty());
}

TEST_CASE("engine: timers run on the monotonic clock alone", "[consensus]") {
    Alone node(0);
    static_cast<void>(node.engine.step(SubmitItems{{Item{1, "pay"}}}, node.now()));
    static_cast<void>(node.tick(10));
    const auto deadline = node.engine.next_deadline();
    REQUIRE(deadline);
    for (const std::int64_t jump_ms : {3'600'000, -7'200'000}) {
        node.wall_ms += jump_ms;
        CHECK_FALSE(votes(node.tick(1), VoteKind::nullify, 1));
    }
    // The view's own time comes all the same: 2 Delta of 50 ms without a proposal.
    bool nullified = false;
    for (int i = 0; i < 20 && !nullified; ++i) {
        nullified = votes(node.tick(10), VoteKind::nullify, 1);
    }
    CHECK(nullified);
}

TEST_CASE("engine: batches never share a connection with votes", "[consensus]") {
    Alone node(1);
    const Bytes large(100 * 1024, 'x');  // above the inline limit
    std::size_t batches = 0;
    std::size_t proposals = 0;
    std::vector<Output> outputs;
    outputs.push_back(node.engine.step(SubmitItems{{Item{1, large}}}, node.now()));
    for (int i = 0; i < 10; ++i) {
        outputs.push_back(node.tick(5));
    }
    Entry entry;
    for (const auto& output : outputs) {
        for (const auto& send : output.send) {
            if (const auto* batch = std::get_if<BatchHandle>(&send.message)) {
                entry = (*batch)->entry();
                ++batches;
            }
        }
    }
    // It is proposed once somebody else holds it too.
    const auto other = node.others().front();
    outputs.push_back(node.tell(Ack{.epoch = 1,
                                    .entry = entry,
                                    .signer = other,
                                    .signature = node.chain.signers[other]->sign(
                                        ack_bytes(node.chain.chain_id, node.chain.set, entry))}));
    outputs.push_back(node.tell(BatchesRequest{{entry.digest}}));
    for (const auto& output : outputs) {
        for (const auto& send : output.send) {
            const bool bulk = std::holds_alternative<BatchHandle>(send.message);
            proposals += std::holds_alternative<Proposal>(send.message) ? 1 : 0;
            CHECK((send.channel == Channel::bulk) == bulk);
        }
    }
    CHECK(batches == 1);
    CHECK(proposals == 1);
    CHECK(std::any_of(outputs.back().send.begin(), outputs.back().send.end(), [](const auto& send) {
        return std::holds_alternative<BatchHandle>(send.message) && send.channel == Channel::bulk;
    }));
}

TEST_CASE("engine: no result is proven by one's own execution alone", "[consensus]") {
    VirtualNetwork network(4);
    for (ValidatorIndex i = 1; i < 4; ++i) {
        network.node(i).executes = false;
    }
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.executed(0) >= 1; }, 10'000));
    network.run_for(3000);
    CHECK(network.node(0).proofs.empty());
    network.crash(1);
    network.node(1).executes = true;
    network.restart(1);  // its commits come again, and are executed
    CHECK(network.run_until([&] { return !network.node(0).proofs.empty(); }, 10'000));
    CHECK(network.faults().empty());
}

namespace {

/// How long a node waits in the view it is in before it signs Nullify, in units of Delta.
std::int64_t patience(Alone& node) {
    const auto view = node.engine.metrics().view;
    const auto delta = static_cast<std::int64_t>(node.engine.metrics().delta_ms);
    for (std::int64_t waited = 1; waited <= 100 * delta; ++waited) {
        if (votes(node.tick(1), VoteKind::nullify, view)) {
            CHECK(waited % delta == 0);
            return waited / delta;
        }
    }
    return -1;
}

}  // namespace

TEST_CASE("engine: patience doubles with each nullified view, to a bound, until a block is final",
          "[consensus]") {
    Alone node(0);
    const SubmitItems items{{Item{.token = 1, .bytes = "pay"}}};
    REQUIRE(node.engine.step(items, node.now()).sealed.size() == 1);
    const auto nullified = [&](View view) {
        node.tell(node.certificate(VoteKind::nullify, view, Hash{}));
        REQUIRE(node.engine.metrics().view == view + 1);
    };
    for (const std::int64_t expected : {2, 4, 8}) {
        CHECK(patience(node) == expected);
        nullified(node.engine.metrics().view);
    }
    // View 4 is its own: there is a proposal, and no certificate comes.
    REQUIRE(node.leader(4) == node.self);
    CHECK(patience(node) == 5 * 8);
    nullified(4);
    CHECK(patience(node) == 16);
    nullified(5);
    CHECK(patience(node) == 16);
    const auto block = node.child(node.chain.genesis, 6);
    node.tell(node.proposal(block));
    node.tell(node.certificate(VoteKind::finalize, 6, block.digest()));
    REQUIRE(node.engine.metrics().finalised_height == 1);
    REQUIRE(node.engine.metrics().view == 7);
    CHECK(patience(node) == 2);
}

TEST_CASE("engine: the result of a block on an abandoned fork is not anchored", "[consensus]") {
    for (const bool abandoned : {true, false}) {
        CAPTURE(abandoned);
        Alone node(0);
        const auto left = node.child(node.chain.genesis, 1);
        auto kept = node.child(node.chain.genesis, 2);
        static_cast<void>(node.tell(node.proposal(left)));
        static_cast<void>(node.tell(node.certificate(VoteKind::nullify, 1, Hash{})));
        REQUIRE(votes(node.tell(node.proposal(kept)), VoteKind::notarize, 2));
        static_cast<void>(node.tell(node.certificate(VoteKind::notarize, 2, kept.digest())));
        const auto result = node.executed(abandoned ? left : kept);
        auto header = node.child(kept, 3);
        header.exec = result.result;
        auto proposal = node.proposal(header);
        proposal.justification.execution = result;
        const auto output = node.tell(proposal);
        CHECK(votes(output, VoteKind::notarize, 3) == !abandoned);
        CHECK(votes(output, VoteKind::nullify, 3) == abandoned);
    }
}

TEST_CASE("engine: batches of ancestors are not asked for before voting", "[consensus]") {
    Alone node(0);
    auto parent = node.child(node.chain.genesis, 1);
    parent.batches = {unknown_entry(node.others().front(), 50)};
    CHECK_FALSE(votes(node.tell(node.proposal(parent)), VoteKind::notarize, 1));
    static_cast<void>(node.tell(node.certificate(VoteKind::notarize, 1, parent.digest())));
    // The certificate answers for the data: q validators had it when they voted.
    CHECK(votes(node.tell(node.proposal(node.child(parent, 2))), VoteKind::notarize, 2));
}

TEST_CASE("engine: a batch is named once on a chain, and within its heights", "[consensus]") {
    enum Flaw { named_before, named_twice, expired, too_late };
    for (const auto flaw : {named_before, named_twice, expired, too_late}) {
        CAPTURE(flaw);
        Alone node(0);
        auto parent = node.child(node.chain.genesis, 1);
        parent.batches = {unknown_entry(node.others().front(), 50)};
        static_cast<void>(node.tell(node.proposal(parent)));
        static_cast<void>(node.tell(node.certificate(VoteKind::notarize, 1, parent.digest())));
        auto header = node.child(parent, 2);
        auto entry = parent.batches.front();
        if (flaw != named_before) {
            entry.digest = remit::hash(domain::batch, "another");
        }
        entry.expires_height = flaw == expired ? header.height - 1
                               : flaw == too_late
                                   ? header.height + node.chain.params.expiry_window + 1
                                   : entry.expires_height;
        header.batches = {entry};
        if (flaw == named_twice) {
            header.batches.push_back(entry);
        }
        const auto output = node.tell(node.proposal(header));
        CHECK_FALSE(votes(output, VoteKind::notarize, 2));
        CHECK(votes(output, VoteKind::nullify, 2));  // at once: nothing can make it valid
    }
}
