#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using namespace remit::test;

namespace {

std::vector<Seat> seats(std::initializer_list<PeerNumber> nodes) {
    std::vector<Seat> out;
    for (const auto node : nodes) {
        out.push_back({.node = node});
    }
    return out;
}

Params quick() {
    Params params;
    params.resend_ms = 200;
    params.skip_window_ms = 200;
    return params;
}

/// A network and a client that never tires.
struct World {
    World(std::size_t n, Epochs epochs) : net(n, quick(), std::move(epochs)) {}

    Bytes submit(PeerNumber node) {
        items.push_back("item " + std::to_string(items.size()));
        net.submit(node, items.back());
        return items.back();
    }
    [[nodiscard]] Epoch epoch(PeerNumber node) {
        return net.node(node).engine ? net.node(node).engine->metrics().epoch : 0;
    }
    [[nodiscard]] bool all_in(Epoch at_least, const std::vector<PeerNumber>& nodes) {
        return std::all_of(nodes.begin(), nodes.end(),
                           [&](PeerNumber node) { return epoch(node) >= at_least; });
    }
    /// Items go in until these nodes are in the epoch.
    [[nodiscard]] bool run_to(Epoch target, const std::vector<PeerNumber>& nodes,
                              const std::vector<PeerNumber>& clients, int patience = 600) {
        for (int i = 0; i < patience && !all_in(target, nodes); ++i) {
            submit(clients[static_cast<std::size_t>(i) % clients.size()]);
            net.run_for(40);
        }
        return all_in(target, nodes);
    }
    /// A fresh item is executed at these nodes.
    [[nodiscard]] bool goes_on(PeerNumber client, const std::vector<PeerNumber>& nodes) {
        const auto item = submit(client);
        return net.run_until(
            [&] {
                return std::all_of(nodes.begin(), nodes.end(), [&](PeerNumber node) {
                    const auto done = net.items(node);
                    return std::find(done.begin(), done.end(), item) != done.end();
                });
            },
            20'000);
    }

    VirtualNetwork net;
    std::vector<Bytes> items;
};

}  // namespace

TEST_CASE("epochs: the same set goes on through many of them, and executes every item once") {
    World world(4, {.length = 6});
    REQUIRE(world.run_to(5, {0, 1, 2, 3}, {0, 1, 2, 3}));
    REQUIRE(world.goes_on(2, {0, 1, 2, 3}));
    CHECK(world.net.faults().empty());
    for (PeerNumber node = 0; node < 4; ++node) {
        auto done = world.net.items(node);
        CHECK(done == world.net.items(0));
        std::sort(done.begin(), done.end());
        auto sent = world.items;
        std::sort(sent.begin(), sent.end());
        CHECK(done == sent);
    }
}

TEST_CASE("epochs: views begin again and heights go on") {
    World world(4, {.length = 6});
    REQUIRE(world.run_to(3, {0, 1, 2, 3}, {0}));
    const auto& blocks = world.net.node(0).disk.blocks;
    for (Epoch epoch = 2; epoch <= 3; ++epoch) {
        const auto& way = world.net.node(0).disk.hand_overs.at(epoch);
        const auto& last = way.headers.front();
        CHECK(last.is_epoch_last());
        CHECK(last.height >= (epoch - 1) * 6);
        CHECK(blocks.at(last.height).header == last);
        CHECK(verify(way, world.net.chain().set_of(epoch - 1), world.net.chain().chain_id));
        const auto next = blocks.find(last.height + 1);
        if (next != blocks.end()) {
            CHECK(next->second.header.epoch == epoch);
            CHECK(next->second.header.parent_view == 0);
            CHECK(next->second.header.parent_digest == last.digest());
        }
    }
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: a result of the new set alone moves exec in the new epoch") {
    World world(4, {.length = 5});
    REQUIRE(world.run_to(4, {0, 1, 2, 3}, {1}));
    for (const auto& [height, block] : world.net.node(0).disk.blocks) {
        if (block.header.epoch == 1) {
            continue;
        }
        const auto& way = world.net.node(0).disk.hand_overs.at(block.header.epoch);
        const auto& last = way.headers.front();
        CHECK((block.header.exec == last.exec || block.header.exec.height >= last.height));
        if (block.header.is_epoch_last()) {
            CHECK(block.header.exec.height >= last.height);
        }
    }
}

TEST_CASE("epochs: one joins, and the network needs it from then on") {
    World world(4, {.length = 6, .sets = {{3, seats({0, 1, 2, 3, 4})}}, .nodes = 5});
    REQUIRE(world.run_to(2, {0, 1, 2, 3, 4}, {0, 3}));
    CHECK_FALSE(world.net.node(4).engine->metrics().member);
    REQUIRE(world.run_to(3, {0, 1, 2, 3, 4}, {0, 3}));
    CHECK(world.net.node(4).engine->metrics().member);
    REQUIRE(world.goes_on(4, {0, 1, 2, 3, 4}));
    world.net.crash(1);  // q of five is four
    REQUIRE(world.goes_on(4, {0, 2, 3, 4}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: three join at once: four become seven") {
    World world(4, {.length = 6, .sets = {{2, seats({0, 1, 2, 3, 4, 5, 6})}}, .nodes = 7});
    REQUIRE(world.run_to(2, {0, 1, 2, 3, 4, 5, 6}, {0, 3}));
    world.net.crash(0);
    world.net.crash(1);
    REQUIRE(world.goes_on(6, {2, 3, 4, 5, 6}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: one leaves, follows on, and is not needed") {
    World world(5, {.length = 6, .sets = {{2, seats({0, 1, 2, 3})}}});
    REQUIRE(world.run_to(2, {0, 1, 2, 3, 4}, {0, 4}));
    CHECK_FALSE(world.net.node(4).engine->metrics().member);
    REQUIRE(world.goes_on(0, {0, 1, 2, 3, 4}));
    world.net.crash(4);
    REQUIRE(world.goes_on(1, {0, 1, 2, 3}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: a node outside the set has its items ordered by those inside") {
    World world(5, {.length = 6, .sets = {{2, seats({0, 1, 2, 3})}}});
    REQUIRE(world.run_to(2, {0, 1, 2, 3, 4}, {0}));
    REQUIRE(world.goes_on(4, {0, 1, 2, 3, 4}));
}

TEST_CASE("epochs: a key rotates") {
    World world(
        4, {.length = 6, .sets = {{2, {{0, 1}, {1}, {2}, {3}}}, {3, {{0, 1}, {1, 1}, {2}, {3}}}}});
    REQUIRE(world.run_to(2, {0, 1, 2, 3}, {0, 1, 2, 3}));
    world.net.crash(3);  // the one with the new key must vote
    REQUIRE(world.goes_on(0, {0, 1, 2}));
    world.net.restart(3);
    REQUIRE(world.run_to(4, {0, 1, 2, 3}, {0, 1, 2, 3}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: the whole set is replaced, and takes over what was named") {
    World world(4, {.length = 6, .sets = {{2, seats({4, 5, 6, 7})}}, .nodes = 8});
    REQUIRE(world.run_to(2, {0, 1, 2, 3, 4, 5, 6, 7}, {0, 1}));
    REQUIRE(world.goes_on(4, {4, 5, 6, 7}));
    for (PeerNumber node = 0; node < 4; ++node) {
        world.net.crash(node);
    }
    REQUIRE(world.goes_on(5, {4, 5, 6, 7}));
    CHECK(world.net.items(4) == world.net.items(7));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: closing blocks carry votes when the last block's own Finalization is lost") {
    World world(4, {.length = 6});
    std::set<std::pair<Epoch, View>> last_views;
    world.net.filter = [&](ValidatorIndex, ValidatorIndex, const Message& message) {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            if (proposal->header.is_epoch_last()) {
                last_views.emplace(proposal->header.epoch, proposal->header.view);
            }
        }
        const auto* vote = std::get_if<Vote>(&message);
        const auto* certificate = std::get_if<Certificate>(&message);
        const bool of_last = (vote != nullptr && vote->kind == VoteKind::finalize &&
                              last_views.contains({vote->epoch, vote->view})) ||
                             (certificate != nullptr && certificate->kind == VoteKind::finalize &&
                              last_views.contains({certificate->epoch, certificate->view}));
        return !of_last;
    };
    REQUIRE(world.run_to(4, {0, 1, 2, 3}, {0, 1, 2, 3}));
    std::size_t closings = 0;
    for (const auto& [epoch, way] : world.net.node(0).disk.hand_overs) {
        closings += way.headers.size() - 1;
    }
    CHECK(closings >= 3);
    REQUIRE(world.goes_on(1, {0, 1, 2, 3}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: who was cut off through several follows from set to set") {
    World world(4, {.length = 5,
                    .sets = {{2, seats({0, 1, 2, 3, 4})}, {4, seats({1, 2, 3, 4, 5})}},
                    .nodes = 6});
    bool cut = true;
    world.net.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message&) {
        return !cut || (from != 3 && to != 3);
    };
    REQUIRE(world.run_to(6, {0, 1, 2, 4, 5}, {1, 2}));
    CHECK(world.epoch(3) == 1);
    cut = false;
    REQUIRE(world.run_to(6, {3}, {1}));
    REQUIRE(world.goes_on(3, {0, 1, 2, 3, 4, 5}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: batches that come several epochs late are still taken") {
    World world(4, {.length = 5, .sets = {{3, seats({3, 2, 1, 0})}}});
    bool cut = true;
    bool starved = true;
    world.net.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        const bool batch = std::holds_alternative<BatchHandle>(message);
        return !(cut && (from == 3 || to == 3)) && !(starved && to == 3 && batch);
    };
    REQUIRE(world.run_to(5, {0, 1, 2}, {1, 2}));
    const auto before = world.net.executed(3);
    cut = false;
    REQUIRE(world.net.run_until([&] { return world.epoch(3) >= 5; }, 20'000));
    CHECK(world.net.executed(3) == before);
    starved = false;
    REQUIRE(world.run_to(6, {3}, {1}));
    REQUIRE(world.goes_on(3, {0, 1, 2, 3}));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: a crash of one at any moment of the hand-over costs nothing") {
    for (int moment = 0; moment < 30; ++moment) {
        World world(4, {.length = 4, .sets = {{2, seats({0, 1, 2, 3, 4})}}, .nodes = 5});
        CAPTURE(moment);
        for (int i = 0; i < 2; ++i) {
            world.submit(static_cast<PeerNumber>(i));
            world.net.run_for(40);
        }
        world.submit(0);
        world.net.run_for(moment * 4);
        const auto victim = static_cast<PeerNumber>(moment % 5);
        world.net.crash(victim);
        world.net.run_for(60);
        world.net.restart(victim);
        REQUIRE(world.run_to(3, {0, 1, 2, 3, 4}, {0, 1, 2, 3}));
        REQUIRE(world.goes_on(1, {0, 1, 2, 3, 4}));
        CHECK(world.net.faults() == std::vector<std::string>{});
    }
}

TEST_CASE("epochs: a crash of all at any moment of the hand-over costs nothing") {
    for (int moment = 0; moment < 30; ++moment) {
        World world(4, {.length = 4, .sets = {{2, seats({1, 2, 3, 4})}}, .nodes = 5});
        CAPTURE(moment);
        for (int i = 0; i < 2; ++i) {
            world.submit(static_cast<PeerNumber>(i));
            world.net.run_for(40);
        }
        world.submit(0);
        world.net.run_for(moment * 4);
        for (PeerNumber node = 0; node < 5; ++node) {
            world.net.crash(node);
        }
        for (PeerNumber node = 0; node < 5; ++node) {
            world.net.restart(node);
        }
        REQUIRE(world.run_to(3, {0, 1, 2, 3, 4}, {1, 2, 3}));
        REQUIRE(world.goes_on(1, {0, 1, 2, 3, 4}));
        CHECK(world.net.faults() == std::vector<std::string>{});
    }
}

TEST_CASE("epochs: one validator alone hands over to itself, crashes included") {
    World world(1, {.length = 4});
    for (int i = 0; i < 30; ++i) {
        world.submit(0);
        world.net.run_for(7 + i % 5);
        world.net.crash(0);
        world.net.restart(0);
        world.net.run_for(20);
    }
    REQUIRE(world.run_to(4, {0}, {0}));
    CHECK(world.net.faults() == std::vector<std::string>{});
}

TEST_CASE("epochs: a version this program does not know ends its votes, not its service") {
    World world(4, {.length = 5, .versions = {{2, 2}}});
    for (PeerNumber node = 0; node < 3; ++node) {
        world.net.crash(node);
        world.net.node(node).version_max = 2;
        world.net.restart(node);
    }
    REQUIRE(world.run_to(2, {0, 1, 2, 3}, {0, 1}));
    REQUIRE(world.goes_on(0, {0, 1, 2}));
    REQUIRE(world.net.node(3).unsupported);
    CHECK(world.net.node(3).unsupported->version == 2);
    CHECK(world.net.node(3).unsupported->epoch == 2);
    CHECK_FALSE(world.net.node(3).engine->metrics().voting);
    // It executed what it knows: everything up to the last block of its version.
    CHECK(world.net.executed(3) == world.net.node(3).disk.hand_overs.at(2).headers.front().height);
    world.net.crash(3);
    world.net.node(3).version_max = 2;
    world.net.restart(3);
    REQUIRE(world.goes_on(3, {0, 1, 2, 3}));
    CHECK(world.net.faults() == std::vector<std::string>{});
}

TEST_CASE("epochs: a validator that lost its votes asks again in the next epoch") {
    for (int moment = 0; moment < 20; ++moment) {
        World world(4, {.length = 5});
        CAPTURE(moment);
        for (int i = 0; i < 2; ++i) {
            world.submit(static_cast<PeerNumber>(i));
            world.net.run_for(40);
        }
        world.submit(2);
        world.net.run_for(moment * 6);
        world.net.crash(2);
        world.net.lose_journal(2);
        world.net.run_for(300);
        world.net.restart(2);
        REQUIRE(world.run_to(4, {0, 1, 2, 3}, {0, 1, 3}));
        REQUIRE(world.goes_on(2, {0, 1, 2, 3}));
        CHECK(world.net.faults() == std::vector<std::string>{});
    }
}

TEST_CASE("epochs: those who join by a snapshot, two at once, vote when their epoch begins") {
    for (const bool both : {false, true}) {
        CAPTURE(both);
        World world(4, {.length = 8, .sets = {{3, seats({0, 1, 2, 3, 4, 5})}}, .nodes = 6});
        REQUIRE(world.run_to(2, {0, 1, 2, 3, 4, 5}, {0, 3}));
        for (const auto node : {PeerNumber{4}, PeerNumber{5}}) {
            if (node == 5 || both) {
                world.net.crash(node);
                world.net.lose_journal(node);
                world.net.restart(node);
            }
        }
        REQUIRE(world.run_to(3, {0, 1, 2, 3, 4, 5}, {0, 3}));
        REQUIRE(world.goes_on(1, {0, 1, 2, 3, 4, 5}));  // of six, five are needed
        for (PeerNumber node = 0; node < 6; ++node) {
            CAPTURE(node);
            CHECK(world.net.node(node).engine->metrics().voting);
        }
        world.net.crash(2);
        REQUIRE(world.goes_on(5, {0, 1, 3, 4, 5}));
        CHECK(world.net.faults().empty());
    }
}

TEST_CASE("epochs: a hand-over of another chain, set or content is refused") {
    World world(4, {.length = 5});
    REQUIRE(world.run_to(2, {0, 1, 2, 3}, {0}));
    const auto& chain = world.net.chain();
    const auto way = world.net.node(0).disk.hand_overs.at(2);
    REQUIRE(verify(way, chain.set, chain.chain_id));
    CHECK_FALSE(verify(way, chain.set, hash(domain::genesis, "another")));
    CHECK_FALSE(verify(way, chain.set_of(2), chain.chain_id));
    auto other = way;
    other.next.end_height += 1;
    CHECK_FALSE(verify(other, chain.set, chain.chain_id));
    other = way;
    other.headers.front().flags = 0;
    CHECK_FALSE(verify(other, chain.set, chain.chain_id));
    other = way;
    other.finalization.signers.signatures.front().data[0] ^= 1U;
    CHECK_FALSE(verify(other, chain.set, chain.chain_id));
    other = way;
    other.headers.push_back(other.headers.back());
    CHECK_FALSE(verify(other, chain.set, chain.chain_id));
    const auto bytes = encode_message(Message(way));
    const auto read = decode_message(bytes);
    REQUIRE(read);
    CHECK(encode_message(*read) == bytes);
}

TEST_CASE("epochs: messages of far epochs are dropped, of the next one kept within a bound") {
    World world(4, {.length = 1000});
    world.submit(0);
    world.net.run_for(200);
    const auto before = world.net.executed(0);
    for (Epoch epoch : {Epoch{0}, Epoch{2}, Epoch{3}, never_ends}) {
        for (View view = 1; view < 200; ++view) {
            auto vote = world.net.chain().vote(VoteKind::notarize, view, Hash{}, 1);
            vote.epoch = epoch;
            world.net.inject(1, 0, vote);
        }
        world.net.inject(1, 0, PeerStatus{.epoch = epoch, .view = never_ends});
    }
    REQUIRE(world.goes_on(1, {0, 1, 2, 3}));
    CHECK(world.net.executed(0) > before);
    CHECK(world.net.node(0).misbehaviour.empty());
}

TEST_CASE("epochs: a demoted validator leads no view of its epoch, votes there, and leads again") {
    World world(4, {.length = 12, .demoted = {{2, {1}}}});
    REQUIRE(world.run_to(2, {0, 1, 2, 3}, {0}));
    for (PeerNumber node = 0; node < 4; ++node) {
        for (View view = 1; view <= 12; ++view) {
            CHECK(world.net.node(node).engine->leader(view) != 1);
        }
    }
    world.net.crash(3);  // nothing is final now without the vote of the one demoted
    REQUIRE(world.goes_on(0, {0, 1, 2}));
    world.net.restart(3);
    REQUIRE(world.run_to(4, {0, 1, 2, 3}, {1}));
    std::map<Epoch, std::set<ValidatorIndex>> leaders;
    for (const auto& [height, block] : world.net.node(2).disk.blocks) {
        leaders[block.header.epoch].insert(block.header.leader);
    }
    CHECK(leaders.at(2) == std::set<ValidatorIndex>{0, 2, 3});
    CHECK(leaders.at(3).contains(1));
    CHECK(world.net.faults().empty());
}

TEST_CASE("epochs: a way into an epoch that demotes more than f validators proves nothing") {
    World world(4, {.length = 6, .demoted = {{2, {0, 1}}}});
    CHECK_FALSE(world.run_to(2, {0, 1, 2, 3}, {0}, 60));
    World fewer(4, {.length = 6, .demoted = {{2, {3}}}});
    REQUIRE(fewer.run_to(2, {0, 1, 2, 3}, {0}, 60));
    auto way = fewer.net.node(0).disk.hand_overs.at(2);
    CHECK(verify(way, fewer.net.chain().set, fewer.net.chain().chain_id));
    way.next.demoted = {2};  // another leader than the certified result names
    CHECK_FALSE(verify(way, fewer.net.chain().set, fewer.net.chain().chain_id));
}

TEST_CASE("epochs: a node that knows a later root follows no other history to it") {
    World world(4, {.length = 6});
    REQUIRE(world.run_to(3, {0, 1, 2, 3}, {0}));
    const auto& disk = world.net.node(0).disk;
    const auto root = disk.hand_overs.at(3).headers.front().digest();

    // One that lost everything comes back with the root of another chain, then with the true one.
    const auto return_with = [&](const Hash& block) {
        world.net.crash(3);
        world.net.node(3).disk = {};
        world.net.node(3).trusted = TrustedRoot{.epoch = 3, .block = block};
        world.net.restart(3);
    };
    auto other = root;
    other.data[0] ^= 1;
    return_with(other);
    REQUIRE(world.goes_on(1, {0, 1, 2}));
    world.net.run_for(5'000);
    CHECK(world.epoch(3) == 2);
    CHECK_FALSE(world.net.node(3).disk.hand_overs.contains(3));

    return_with(root);
    REQUIRE(world.run_to(3, {0, 1, 2, 3}, {0}));
    REQUIRE(world.goes_on(1, {0, 1, 2, 3}));
    CHECK(world.net.node(3).disk.hand_overs.at(3).headers.front().digest() == root);
}
