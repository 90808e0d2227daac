#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

// What one faulty validator may make an honest one compute.

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;
using remit::test::Disk;
using remit::test::VirtualNetwork;

namespace {

/// Validator `self` of a set of four, started and voting; it sees no peer but what a test tells.
struct Lone {
    explicit Lone(ValidatorIndex self)
        : chain(4),
          engine({.chain_id = chain.chain_id,
                  .validators = chain.set,
                  .self = self,
                  .params = chain.params,
                  .genesis = chain.genesis,
                  .boot_counter = 1},
                 *chain.signers[self], disk) {
        static_cast<void>(engine.start({}, now()));
    }
    [[nodiscard]] Now now() const { return {now_ms, VirtualNetwork::wall_offset_ms + now_ms}; }
    Output tell(ValidatorIndex from, const Message& message) {
        return engine.step(PeerMessage{from, message}, now());
    }

    Chain chain;
    Disk disk;
    Engine engine;
    std::int64_t now_ms = 1000;
};

/// The leader's block of view 1, as anybody may repeat it.
Proposal first_proposal(const Lone& node, ValidatorIndex leader) {
    Proposal out;
    out.header = node.chain.child(node.chain.genesis, 1);
    out.leader_signature =
        node.chain.vote(VoteKind::notarize, 1, out.header.digest(), leader).signature;
    return out;
}

/// A certificate of availability that nobody signed, of a batch that nobody has.
AvailabilityCertificate forged_availability(const Chain& chain, std::uint64_t number) {
    Writer writer;
    writer.u64(number);
    AvailabilityCertificate out;
    out.epoch = 1;
    out.valset_hash = chain.set.hash();
    out.entry = {.digest = remit::hash(domain::batch, writer.view()),
                 .author = 1,
                 .expires_height = 500,
                 .bytes = 100};
    out.signers = Signers::from({{1, Signature{}}, {2, Signature{}}}, 2, 4);
    return out;
}

}  // namespace

TEST_CASE("engine: a proposal repeated with forged certificates costs its sender, not this node",
          "[consensus]") {
    constexpr std::size_t forged = 1000;
    Lone node(2);
    const auto leader = node.engine.leader(1);
    REQUIRE(leader == 0);
    const ValidatorIndex relay = 3;
    auto proposal = first_proposal(node, leader);
    CHECK(node.tell(leader, proposal).misbehaviour.empty());
    for (std::size_t i = 0; i < forged; ++i) {
        proposal.justification.availability.push_back(forged_availability(node.chain, i));
    }
    const auto before = node.engine.metrics().signatures_verified;
    const auto output = node.tell(relay, proposal);
    REQUIRE(output.misbehaviour.size() == 1);
    CHECK(output.misbehaviour.front().peer == relay);
    CHECK(node.engine.metrics().signatures_verified - before <= 2);
}

TEST_CASE("engine: a block with a forged justification is voted for all the same", "[consensus]") {
    Lone node(2);
    const auto leader = node.engine.leader(1);
    REQUIRE(leader == 0);
    auto proposal = first_proposal(node, leader);
    proposal.justification.availability.push_back(forged_availability(node.chain, 0));
    const auto output = node.tell(leader, proposal);
    CHECK(output.misbehaviour.size() == 1);
    // The header is signed and needs none of it: the justification proves nothing against it.
    CHECK(std::any_of(output.send.begin(), output.send.end(), [&](const Send& each) {
        const auto* vote = std::get_if<Vote>(&each.message);
        return vote != nullptr && vote->kind == VoteKind::notarize &&
               vote->digest == proposal.header.digest();
    }));
}

TEST_CASE("engine: a leader's third block of a view is not looked at", "[consensus]") {
    Lone node(2);
    const auto leader = node.engine.leader(1);
    REQUIRE(leader == 0);
    auto proposal = first_proposal(node, leader);
    std::size_t evidence = node.tell(leader, proposal).evidence.size();
    std::uint64_t before = 0;
    for (int i = 0; i < 100; ++i) {
        before = i == 1 ? node.engine.metrics().signatures_verified : before;
        ++proposal.header.time_ms;
        proposal.leader_signature =
            node.chain.vote(VoteKind::notarize, 1, proposal.header.digest(), leader).signature;
        evidence += node.tell(leader, proposal).evidence.size();
    }
    CHECK(evidence == 1);
    CHECK(node.engine.metrics().signatures_verified == before);
}

TEST_CASE("engine: who asks without end where this node stands gets few signatures",
          "[consensus][amnesia]") {
    Lone node(2);
    const auto answers = [&](ValidatorIndex peer, int count) {
        std::ptrdiff_t out = 0;
        for (int i = 0; i < count; ++i) {
            Writer writer;
            writer.i64(node.now_ms).u64(static_cast<std::uint64_t>(i));
            const ViewRequest request{.epoch = 1,
                                      .nonce = remit::hash(domain::hello, writer.view())};
            const auto output = node.tell(peer, request);
            out += std::count_if(output.send.begin(), output.send.end(), [](const Send& each) {
                return std::holds_alternative<ViewAnswer>(each.message);
            });
        }
        return out;
    };
    CHECK(answers(3, 500) == 1);
    CHECK(answers(1, 1) == 1);  // another peer's question has its own turn
    node.now_ms += node.chain.params.resend_ms;
    CHECK(answers(3, 500) == 1);
}
