#include <catch2/catch.hpp>

#include <set>

#include "test/support/consensus/alone.h"

// More than f validators collude: no engine can prevent two histories then. One that sees both says
// so, stops, and keeps what proves it (consensus.md 3.5: L1, L2, L3).

using namespace remit;
using namespace remit::consensus;
using remit::test::Alone;
using remit::test::Epochs;
using remit::test::VirtualNetwork;
using remit::test::votes;

namespace {

/// Two blocks of one view on one parent.
struct Rivals {
    Header first;
    Header second;
};

Rivals rivals(const Alone& node, const Header& parent, View view) {
    Rivals out{.first = node.child(parent, view), .second = node.child(parent, view)};
    ++out.second.time_ms;
    return out;
}

/// The host went on, or what it was told.
struct Told {
    std::optional<Fork> fork;
    std::set<ValidatorIndex> signed_twice;
    std::size_t certificates_sent = 0;
};

Told told(const Output& output) {
    Told out{.fork = output.fork, .signed_twice = {}, .certificates_sent = 0};
    for (const auto& evidence : output.evidence) {
        out.signed_twice.insert(evidence.first.signer);
    }
    for (const auto& send : output.send) {
        out.certificates_sent += std::holds_alternative<Certificate>(send.message) ? 1 : 0;
    }
    return out;
}

/// A client's item and five seconds are enough for a vote of whoever votes at all.
bool votes_on(Engine& engine, Now now) {
    bool voted = false;
    const auto look = [&](const Output& output) {
        for (const auto& send : output.send) {
            voted = voted || std::holds_alternative<Vote>(send.message) ||
                    std::holds_alternative<Proposal>(send.message);
        }
    };
    look(engine.step(SubmitItems{{Item{.token = 1, .bytes = "pay"}}}, now));
    for (int i = 0; i < 100; ++i) {
        now.mono_ms += 50;
        now.wall_ms += 50;
        look(engine.step(Tick{}, now));
    }
    return voted;
}

/// What every fork must lead to, whatever it is.
void check_stopped(Alone& node, const Output& output, ForkRule rule) {
    const auto found = told(output);
    REQUIRE(found.fork);
    CHECK(found.fork->broken == rule);
    CHECK(output.sync_before_send);
    CHECK(output.misbehaviour.empty());  // who brought it is not to blame
    CHECK(found.certificates_sent >= (found.fork->held ? 2U : 1U));
    CHECK_FALSE(node.engine.metrics().voting);
    CHECK_FALSE(votes_on(node.engine, node.now()));
    // The journal knows: the next process does not vote either, and says so anew.
    Engine again(node.config(), *node.chain.signers[node.self], node.disk);
    Recovery recovery;
    recovery.journal = node.disk.journal;
    const auto started = again.start(recovery, node.now());
    REQUIRE(started.ok);
    REQUIRE(started.output.fork);
    CHECK(started.output.fork->broken == rule);
    CHECK_FALSE(votes_on(again, node.now()));
}

}  // namespace

TEST_CASE("fork: two certificates that contradict each other stop the node", "[consensus]") {
    struct Pair {
        VoteKind first;
        VoteKind second;
        ForkRule rule;
        bool evident;  ///< the same validators signed twice what no honest one does
    };
    const auto pair = GENERATE(
        Pair{VoteKind::notarize, VoteKind::notarize, ForkRule::two_blocks_in_a_view, true},
        Pair{VoteKind::finalize, VoteKind::finalize, ForkRule::two_blocks_in_a_view, true},
        Pair{VoteKind::notarize, VoteKind::finalize, ForkRule::two_blocks_in_a_view, false},
        Pair{VoteKind::finalize, VoteKind::notarize, ForkRule::two_blocks_in_a_view, false},
        Pair{VoteKind::finalize, VoteKind::nullify, ForkRule::finalized_and_nullified, true},
        Pair{VoteKind::nullify, VoteKind::finalize, ForkRule::finalized_and_nullified, true});
    Alone node(0);
    const auto [first, second] = rivals(node, node.chain.genesis, 2);
    const auto digest = [](VoteKind kind, const Header& header) {
        return kind == VoteKind::nullify ? Hash{} : header.digest();
    };
    const auto before = node.certificate(pair.first, 2, digest(pair.first, first));
    const auto after = node.certificate(pair.second, 2, digest(pair.second, second));
    REQUIRE_FALSE(node.tell(before).fork);
    const auto output = node.tell(after);
    check_stopped(node, output, pair.rule);
    CHECK(output.fork->held == before);
    CHECK(output.fork->other == after);
    CHECK(told(output).signed_twice.size() == (pair.evident ? 3 : 0));
}

TEST_CASE("fork: a certificate against a finalised view stops the node", "[consensus]") {
    Alone node(0);
    const auto [first, rival] = rivals(node, node.chain.genesis, 1);
    const auto third = node.child(first, 3);
    const auto fifth = node.child(third, 5);
    // Views 1 and 5 have a Finalization here, 3 is final by its child, 2 and 4 were skipped.
    REQUIRE_FALSE(node.tell(node.proposal(first)).fork);
    REQUIRE_FALSE(node.tell(node.certificate(VoteKind::finalize, 1, first.digest())).fork);
    REQUIRE_FALSE(node.tell(node.proposal(third)).fork);
    REQUIRE_FALSE(node.tell(node.proposal(fifth)).fork);
    REQUIRE_FALSE(node.tell(node.certificate(VoteKind::finalize, 5, fifth.digest())).fork);
    REQUIRE(node.engine.metrics().finalised_height == 3);

    SECTION("what is no contradiction is left alone, unverified") {
        const auto verified = node.engine.metrics().signatures_verified;
        for (const auto& certificate :
             {node.certificate(VoteKind::notarize, 1, first.digest()),
              node.certificate(VoteKind::notarize, 2, remit::hash(domain::header, "skipped")),
              node.certificate(VoteKind::nullify, 3, Hash{}),
              node.certificate(VoteKind::finalize, 3, third.digest())}) {
            CHECK_FALSE(node.tell(certificate).fork);
        }
        CHECK(node.engine.metrics().signatures_verified == verified);
        CHECK(node.engine.metrics().voting);
    }
    SECTION("a finalised view was nullified") {
        check_stopped(node, node.tell(node.certificate(VoteKind::nullify, 1, Hash{})),
                      ForkRule::finalized_and_nullified);
    }
    SECTION("another block was notarized in the view of one that is final by its child") {
        check_stopped(node, node.tell(node.certificate(VoteKind::notarize, 3, rival.digest())),
                      ForkRule::two_blocks_in_a_view);
    }
    SECTION("a block was finalised in a view that the chain skips") {
        check_stopped(node, node.tell(node.certificate(VoteKind::finalize, 2, rival.digest())),
                      ForkRule::two_chains);
    }
    SECTION("a forged one costs its sender the connection, and nothing else") {
        auto forged = node.certificate(VoteKind::nullify, 1, Hash{});
        forged.signers.signatures.front().data[0] ^= 1;
        const auto output = node.tell(forged);
        CHECK_FALSE(output.fork);
        CHECK(output.misbehaviour.size() == 1);
        CHECK(node.engine.metrics().voting);
    }
}

TEST_CASE("fork: a finalised block that does not extend the finalised chain stops the node",
          "[consensus]") {
    for (const bool below : {true, false}) {
        CAPTURE(below);
        Alone node(0);
        const auto first = node.child(node.chain.genesis, 2);
        REQUIRE_FALSE(node.tell(node.proposal(first)).fork);
        REQUIRE_FALSE(node.tell(node.certificate(VoteKind::finalize, 2, first.digest())).fork);
        // On a block of view 1, which lies below the floor and is not even known; or on genesis.
        auto parent = node.chain.genesis;
        if (below) {
            parent = node.child(node.chain.genesis, 1);
        }
        const auto other = node.child(parent, 3);
        REQUIRE_FALSE(node.tell(node.proposal(other)).fork);
        const auto output = node.tell(node.certificate(VoteKind::finalize, 3, other.digest()));
        check_stopped(node, output, ForkRule::two_chains);
        CHECK(output.fork->held->digest == first.digest());
        CHECK(output.commits.empty());
        CHECK(node.engine.metrics().finalised_height == 1);
    }
}

TEST_CASE("fork: a finalised block nobody shows, which finality passes by, stops the node",
          "[consensus]") {
    Alone node(0);
    const auto first = node.child(node.chain.genesis, 1);
    const auto third = node.child(first, 3);
    const auto unknown = remit::hash(domain::header, "nobody shows it");
    REQUIRE_FALSE(node.tell(node.proposal(first)).fork);
    REQUIRE_FALSE(node.tell(node.certificate(VoteKind::finalize, 1, first.digest())).fork);
    REQUIRE_FALSE(node.tell(node.certificate(VoteKind::finalize, 2, unknown)).fork);
    REQUIRE_FALSE(node.tell(node.proposal(third)).fork);
    const auto output = node.tell(node.certificate(VoteKind::finalize, 3, third.digest()));
    check_stopped(node, output, ForkRule::two_chains);
    CHECK(node.engine.metrics().finalised_height == 1);
}

TEST_CASE("fork: single votes that make the other certificate are enough", "[consensus]") {
    for (const auto kind : {VoteKind::notarize, VoteKind::finalize}) {
        CAPTURE(kind);
        Alone node(0);
        const auto [first, second] = rivals(node, node.chain.genesis, 1);
        REQUIRE_FALSE(node.tell(node.certificate(kind, 1, first.digest())).fork);
        Output last;
        for (const auto signer : node.others()) {
            REQUIRE_FALSE(last.fork);
            last = node.tell(signer, node.chain.vote(kind, 1, second.digest(), signer));
        }
        check_stopped(node, last, ForkRule::two_blocks_in_a_view);
        CHECK(told(last).signed_twice.size() == 1);  // the others were told vote by vote
    }
}

TEST_CASE("fork: a notarized block that finality passes by in its own view stops the node",
          "[consensus]") {
    Alone node(0);
    const auto [first, second] = rivals(node, node.chain.genesis, 1);
    REQUIRE_FALSE(node.tell(node.certificate(VoteKind::notarize, 1, first.digest())).fork);
    REQUIRE_FALSE(node.tell(node.proposal(second)).fork);
    const auto child = node.child(second, 2);
    REQUIRE_FALSE(node.tell(node.proposal(child)).fork);
    const auto output = node.tell(node.certificate(VoteKind::finalize, 2, child.digest()));
    REQUIRE(output.fork);
    CHECK(output.fork->broken == ForkRule::two_blocks_in_a_view);
    CHECK(output.commits.empty());
    CHECK_FALSE(votes_on(node.engine, node.now()));
}

TEST_CASE("fork: a journal with another key's votes of the epoch that begins stops the node",
          "[consensus]") {
    VirtualNetwork net(4, {}, {.length = 6});
    constexpr ValidatorIndex victim = 3;
    net.crash(victim);
    const auto set = net.chain().set_of(2);
    const auto digest = remit::hash(domain::header, "by another");
    const Vote foreign{.kind = VoteKind::notarize,
                       .epoch = 2,
                       .view = 1,
                       .digest = digest,
                       .signer = 0,
                       .signature = net.chain().signers[0]->sign(
                           vote_bytes(net.chain().chain_id, set, VoteKind::notarize, 1, digest))};
    net.node(victim).disk.journal.push_back(record_of(foreign));
    net.restart(victim);
    for (int i = 0; i < 200 && !net.node(victim).foreign_votes; ++i) {
        net.submit(static_cast<ValidatorIndex>(i % 3), "item " + std::to_string(i));
        net.run_for(40);
    }
    CHECK(net.node(victim).foreign_votes == Epoch{2});
    CHECK_FALSE(net.node(victim).engine->metrics().voting);
    // The others need it for nothing.
    net.submit(0, "afterwards");
    CHECK(net.run_until(
        [&] {
            const auto items = net.items(0);
            return std::count(items.begin(), items.end(), "afterwards") == 1;
        },
        20'000));
    CHECK(net.faults().empty());
}
