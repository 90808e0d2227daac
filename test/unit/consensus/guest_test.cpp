#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

// A node outside the set, against what a faulty validator tells it.

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;
using remit::test::Disk;
using remit::test::VirtualNetwork;

namespace {

constexpr PeerNumber guest = 4;

/// A node that follows a set of four.
struct Follower {
    Follower()
        : chain(4, {}, {.nodes = 5}), engine(config(), chain.signer({.node = guest}), disk) {}

    [[nodiscard]] EngineConfig config() const {
        EngineConfig out{.chain_id = chain.chain_id,
                         .validators = chain.set,
                         .self = guest,
                         .params = chain.params,
                         .genesis = chain.genesis,
                         .boot_counter = 1};
        for (PeerNumber node = 0; node <= guest; ++node) {
            out.peers.push_back(chain.signer({.node = node}).public_key());
        }
        return out;
    }
    [[nodiscard]] static Now now() { return {1000, VirtualNetwork::wall_offset_ms + 1000}; }

    Chain chain;
    Disk disk;
    Engine engine;
};

}  // namespace

TEST_CASE("epochs: what a node outside the set forwards never shares a connection with votes",
          "[consensus]") {
    Follower follower;
    REQUIRE(follower.engine.start({}, follower.now()).ok);
    const auto output = follower.engine.step(
        SubmitItems{{Item{.token = 1, .bytes = Bytes(100 * 1024, 'x')}}}, follower.now());
    std::size_t forwarded = 0;
    for (const auto& send : output.send) {
        if (std::holds_alternative<Forward>(send.message)) {
            ++forwarded;
            CHECK(send.channel == Channel::bulk);
        }
    }
    CHECK(forwarded == 2);  // f+1 validators
}

TEST_CASE("epochs: a node outside the set takes no word on votes of its own", "[consensus]") {
    Follower follower;
    const auto nonce = hash(domain::hello, "fresh");
    Recovery recovery;
    recovery.ask_for_votes = nonce;
    REQUIRE(follower.engine.start(recovery, follower.now()).ok);
    const auto connected = follower.engine.step(PeerConnected{0}, follower.now());
    CHECK(std::none_of(connected.send.begin(), connected.send.end(), [](const Send& each) {
        return std::holds_alternative<VotesRequest>(each.message);
    }));
    const Vote vote{.kind = VoteKind::notarize,
                    .epoch = 1,
                    .view = 1,
                    .digest = hash(domain::header, "none"),
                    .signer = guest,
                    .signature = {}};
    const auto output = follower.engine.step(
        PeerMessage{0, VotesAnswer{.epoch = 1, .nonce = nonce, .votes = {vote}}}, follower.now());
    CHECK_FALSE(output.lost_vote.has_value());
}

TEST_CASE("epochs: a node outside the set asks for the proof of what it executed late",
          "[consensus]") {
    Follower follower;
    const auto& chain = follower.chain;
    REQUIRE(follower.engine.start({}, follower.now()).ok);
    const auto paid = chain.child(chain.genesis, 1);
    ExecutionResult result;
    result.height = 1;
    result.block_digest = paid.digest();
    auto anchor = chain.child(paid, 2);
    anchor.exec = result;
    const auto asked = [&](const Output& output) {
        return std::any_of(output.send.begin(), output.send.end(), [](const Send& each) {
            const auto* request = std::get_if<ExecutionCertificateRequest>(&each.message);
            return request != nullptr && request->height == 1;
        });
    };
    const auto told = follower.engine.step(
        PeerMessage{
            0, BlocksAnswer{{StoredBlock{.header = paid, .finalization = {}, .execution = {}},
                             StoredBlock{.header = anchor,
                                         .finalization = chain.certificate(
                                             VoteKind::finalize, 2, anchor.digest(), {1, 2, 3}),
                                         .execution = {}}}}},
        follower.now());
    REQUIRE(follower.engine.metrics().finalised_height == 2);
    CHECK_FALSE(asked(told));  // it has nothing to compare yet
    const auto executed = follower.engine.step(BlockExecuted{result}, follower.now());
    CHECK(asked(executed));
    CHECK(executed.execution_proofs.empty());

    SignatureMap votes;
    for (ValidatorIndex signer = 0; signer < 3; ++signer) {
        votes[signer] =
            chain.signer({.node = signer}).sign(execution_bytes(chain.chain_id, chain.set, result));
    }
    const auto proven = follower.engine.step(
        PeerMessage{0, ExecutionCertificate{.epoch = 1,
                                            .valset_hash = chain.set.hash(),
                                            .result = result,
                                            .signers = Signers::from(votes, 3, chain.set.size())}},
        follower.now());
    REQUIRE(proven.execution_proofs.size() == 1);
    CHECK(proven.execution_proofs.front().result == result);
}
