#include <catch2/catch.hpp>

#include "consensus/leader_schedule.h"
#include "node/replica/replica.h"
#include "test/support/node/single_node.h"

// The first of four validators, and what the other three sign: enough to finalise without it, and,
// where a test lets them collude, to fork.

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using consensus::ValidatorIndex;
using consensus::VoteKind;
using Outcome = SubmitAnswer::Outcome;
using test::SingleNode;

namespace {

struct Others {
    SingleNode node{{}, {}, 4};

    Others() { REQUIRE(node.start().empty()); }
    [[nodiscard]] SecretKey key(ValidatorIndex index) const {
        return test::Network::key(node.chain.validators.validators()[index].name,
                                  KeyPurpose::validate);
    }
    void tell(const consensus::Message& message, ValidatorIndex from = 1) {
        node.replica->on_peer_message(from, message);
        node.replica->flush();
    }
    [[nodiscard]] consensus::Certificate certificate(VoteKind kind, consensus::View view,
                                                     const Hash& digest) const {
        const auto& set = node.chain.validators;
        consensus::SignatureMap signatures;
        for (const auto index : {ValidatorIndex{1}, ValidatorIndex{2}, ValidatorIndex{3}}) {
            signatures[index] =
                key(index).sign(consensus::vote_bytes(node.chain.id, set, kind, view, digest));
        }
        return {.kind = kind,
                .epoch = 1,
                .view = view,
                .digest = digest,
                .valset_hash = set.hash(),
                .signers = consensus::Signers::from(signatures, set.q(), set.size())};
    }
    /// A batch of another validator's.
    [[nodiscard]] consensus::BatchHandle batch(Bytes item) const {
        consensus::Batch out;
        out.epoch = 1;
        out.author = 1;
        out.nonce = 1;
        out.expires_height = 100;
        out.items = {std::move(item)};
        out.bytes = static_cast<std::uint32_t>(consensus::encoded_items_bytes(out.items));
        out.items_root = consensus::items_root_of(out.items);
        out.author_signature =
            key(1).sign(consensus::batch_signed_bytes(node.chain.id, out.digest()));
        return std::make_shared<const consensus::Batch>(std::move(out));
    }
    /// The first block, in the first view that another validator leads.
    [[nodiscard]] consensus::Proposal first_block(const consensus::BatchHandle& batch) const {
        const consensus::LeaderSchedule schedule(node.chain.id, node.chain.validators);
        consensus::Header header;
        header.epoch = 1;
        header.view = schedule.leader(1) == 0 ? 2 : 1;
        header.height = 1;
        header.leader = schedule.leader(header.view);
        header.parent_digest = node.chain.header.digest();
        header.time_ms = node.chain.header.time_ms + 1;
        header.exec = node.chain.header.exec;
        header.params_hash = node.chain.params.hash();
        header.leader_schedule_hash = schedule.hash();
        header.batches = {batch->entry()};
        return {.header = header,
                .leader_signature = key(header.leader)
                                        .sign(consensus::vote_bytes(
                                            node.chain.id, node.chain.validators,
                                            VoteKind::notarize, header.view, header.digest())),
                .justification = {},
                .inline_batch = nullptr};
    }
    /// This node's own vote on a block's result, as it told the others.
    [[nodiscard]] std::optional<consensus::ExecutionVote> own_result() const {
        for (const auto& message : node.sent) {
            if (const auto* vote = std::get_if<consensus::ExecutionVote>(&message)) {
                return *vote;
            }
        }
        return std::nullopt;
    }
};

}  // namespace

TEST_CASE("replica: what is final and executed here is no receipt before another one's result",
          "[replica]") {
    Others others;
    auto& node = others.node;
    const auto item = node.opening(1);
    node.submit(item, 600'000);
    const auto batch = others.batch(item);
    const auto block = others.first_block(batch);
    const auto& header = block.header;
    others.tell(batch);
    others.tell(block);
    others.tell(others.certificate(VoteKind::notarize, header.view, header.digest()));
    others.tell(others.certificate(VoteKind::finalize, header.view, header.digest()));
    node.run_for(1000);
    REQUIRE(node.replica->metrics().finalised_height == 1);
    REQUIRE(node.reads->executed_height() == 1);
    CHECK(node.reads->final_height() == 0);
    CHECK(node.answers.empty());
    const auto checked = node.checker->check(item);
    CHECK_FALSE(node.reads->transaction(checked->transaction_id));

    auto vote = others.own_result();
    REQUIRE(vote);
    REQUIRE(vote->result.height == 1);
    vote->signer = 2;
    vote->signature = others.key(2).sign(
        consensus::execution_bytes(node.chain.id, node.chain.validators, vote->result));
    others.tell(*vote, 2);
    CHECK(node.reads->final_height() == 1);
    REQUIRE(node.answers.size() == 1);
    CHECK(node.answers[0].outcome == Outcome::final);
    REQUIRE(node.answers[0].receipts);
    CHECK(node.answers[0].receipts->receipts.at(0).ok());
    CHECK(node.reads->transaction(checked->transaction_id));
}

TEST_CASE("replica: a fork ends receipts, is told, and is known after a restart", "[replica]") {
    const bool power = GENERATE(false, true);
    CAPTURE(power);
    Others others;
    auto& node = others.node;
    node.submit(node.opening(1), 600'000);
    others.tell(others.certificate(VoteKind::finalize, 7, hash(domain::header, "one")));
    CHECK(node.stops.empty());
    others.tell(others.certificate(VoteKind::nullify, 7, Hash{}));
    REQUIRE(node.stops.size() == 1);
    CHECK_THAT(node.stops[0], Catch::Contains("finalized_and_nullified"));
    REQUIRE(node.forks.size() == 1);
    CHECK(node.forks[0].other.view == 7);
    CHECK(node.replica->stopped());
    REQUIRE(node.answers.size() == 1);
    CHECK(node.answers[0].outcome == Outcome::stopped);
    node.submit(node.opening(2), 0);
    CHECK(node.answers.back().outcome == Outcome::stopped);
    // Who signed both is waiting to be brought onto the chain.
    CHECK(node.replica->evidence_waiting() == 3);
    node.run_for(1000);

    node.stop(power);
    REQUIRE(node.start().empty());
    REQUIRE(node.stops.size() == 2);
    CHECK(node.forks.size() == 2);
    CHECK(node.replica->stopped());
    CHECK_FALSE(node.replica->metrics().voting);
    node.submit(node.opening(3), 0);
    CHECK(node.answers.back().outcome == Outcome::stopped);
}
