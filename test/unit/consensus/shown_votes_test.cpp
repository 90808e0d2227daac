#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

constexpr ValidatorIndex old_copy = 2;

/// A network that makes blocks, and one validator that is set back to an earlier state of its disk.
struct Fixture {
    VirtualNetwork network{4};

    Fixture() {
        pay(6);
        network.run_for(500);
        copy_ = network.node(old_copy).disk;
    }
    void pay(int count) {
        for (int i = 0; i < count; ++i) {
            network.submit(static_cast<ValidatorIndex>(i % 2), "pay-" + std::to_string(paid_++));
            network.run_for(40);
        }
    }
    /// Everything is as it was at the start: journal, blocks, results, and nobody tells.
    void set_back() {
        network.crash(old_copy);
        network.node(old_copy).disk = copy_;
        network.restart(old_copy);
    }
    [[nodiscard]] Metrics metrics() { return network.node(old_copy).engine->metrics(); }
    [[nodiscard]] long records(RecordType type) {
        const auto& journal = network.node(old_copy).disk.journal;
        return std::count_if(journal.begin(), journal.end(),
                             [&](const auto& record) { return record.type == type; });
    }

    /// Lowest view of a vote that the validator sent since now; 0: none.
    View lowest_sent = 0;
    void listen() {
        network.filter = [this](ValidatorIndex from, ValidatorIndex, const Message& message) {
            const auto* vote = std::get_if<Vote>(&message);
            const auto* proposal = std::get_if<Proposal>(&message);
            if (from == old_copy && (vote != nullptr || proposal != nullptr)) {
                const auto view = vote != nullptr ? vote->view : proposal->header.view;
                lowest_sent = lowest_sent == 0 ? view : std::min(lowest_sent, view);
            }
            return true;
        };
    }

private:
    remit::test::Disk copy_;
    int paid_ = 0;
};

}  // namespace

TEST_CASE("shown votes: an old copy of the whole disk is noticed before a vote is signed",
          "[consensus][amnesia]") {
    Fixture fixture;
    fixture.pay(10);
    fixture.network.run_for(500);
    const auto view = fixture.metrics().view;
    fixture.listen();
    fixture.set_back();
    fixture.network.run_for(300);
    CHECK(fixture.metrics().amnesiac);
    CHECK(fixture.metrics().votes_shown_lost == 1);
    CHECK(fixture.records(RecordType::votes_lost) == 1);
    CHECK(fixture.lowest_sent == 0);
    fixture.pay(10);
    CHECK_FALSE(fixture.metrics().amnesiac);
    CHECK(fixture.lowest_sent >= view + 2);
    CHECK(fixture.network.faults().empty());
    // Once is enough: what was lost is shown again, but lies below the first view of now.
    fixture.network.crash(old_copy);
    fixture.network.restart(old_copy);
    fixture.pay(2);
    CHECK(fixture.records(RecordType::votes_lost) == 1);
    CHECK(fixture.metrics().voting);
}

TEST_CASE("shown votes: a crash behind the discovery does not make it forget",
          "[consensus][amnesia]") {
    Fixture fixture;
    fixture.pay(10);
    fixture.network.run_for(500);
    fixture.network.filter = [](ValidatorIndex, ValidatorIndex, const Message& message) {
        return !std::holds_alternative<ViewAnswer>(message);
    };
    fixture.set_back();
    fixture.network.run_for(300);
    REQUIRE(fixture.records(RecordType::votes_lost) == 1);
    fixture.network.crash(old_copy);
    fixture.network.filter = [](ValidatorIndex, ValidatorIndex, const Message& message) {
        return !std::holds_alternative<VotesAnswer>(message);
    };
    fixture.network.restart(old_copy);
    fixture.network.run_for(20);
    CHECK(fixture.metrics().amnesiac);
    CHECK_FALSE(fixture.metrics().voting);
    CHECK(fixture.records(RecordType::resume) == 1);
}

TEST_CASE("shown votes: a sound restart waits for q-1 peers, and no longer", "[consensus]") {
    Fixture fixture;
    fixture.network.crash(old_copy);
    std::set<ValidatorIndex> mute{0, 1};
    fixture.network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        return !(std::holds_alternative<VotesAnswer>(message) && mute.contains(from));
    };
    fixture.network.restart(old_copy);
    fixture.network.run_for(2'000);
    CHECK(fixture.metrics().waits_for_peers);
    CHECK_FALSE(fixture.metrics().voting);
    mute = {0};
    fixture.network.run_for(300);
    CHECK_FALSE(fixture.metrics().waits_for_peers);
    CHECK(fixture.metrics().voting);
    CHECK(fixture.records(RecordType::votes_lost) == 0);
}

TEST_CASE("shown votes: a network that restarts at once goes on within a round trip",
          "[consensus]") {
    Fixture fixture;
    for (ValidatorIndex i = 0; i < 4; ++i) {
        fixture.network.crash(i);
    }
    for (ValidatorIndex i = 0; i < 4; ++i) {
        fixture.network.restart(i);
    }
    // The first three ask peers that are not up yet and ask again after 250 ms.
    fixture.network.run_for(250 + 3 * fixture.network.delay_ms);
    for (ValidatorIndex i = 0; i < 4; ++i) {
        CHECK(fixture.network.node(i).engine->metrics().voting);
    }
    fixture.pay(1);
    CHECK(fixture.network.run_until([&] { return fixture.network.all_executed("pay-6"); }, 5'000));
}

TEST_CASE("shown votes: nobody can lie a validator into silence", "[consensus][hostile]") {
    Fixture fixture;
    auto& chain = fixture.network.chain();
    Hash nonce;
    fixture.network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        if (const auto* request = std::get_if<VotesRequest>(&message);
            request && from == old_copy) {
            nonce = request->nonce;
        }
        return !std::holds_alternative<VotesAnswer>(message);
    };
    fixture.network.crash(old_copy);
    fixture.network.restart(old_copy);
    fixture.network.run_for(20);
    const auto show = [&](ValidatorIndex from, const Vote& vote, const Hash& to) {
        fixture.network.inject(from, old_copy,
                               VotesAnswer{.epoch = 1, .nonce = to, .votes = {vote}});
    };
    const auto high = fixture.metrics().view + 50;
    auto forged = chain.vote(VoteKind::nullify, high, Hash{}, 0);
    forged.signer = old_copy;
    show(0, forged, nonce);                                          // signed by another
    show(0, chain.vote(VoteKind::nullify, high, Hash{}, 1), nonce);  // another's
    auto other_epoch = chain.vote(VoteKind::nullify, high, Hash{}, old_copy);
    other_epoch.epoch = 2;
    show(0, other_epoch, nonce);
    CHECK(fixture.network.node(old_copy).misbehaviour.size() == 3);
    // Not an answer to the question of this run.
    show(0, chain.vote(VoteKind::nullify, high, Hash{}, old_copy), Hash{});
    CHECK(fixture.metrics().waits_for_peers);
    CHECK_FALSE(fixture.metrics().amnesiac);
    CHECK(fixture.records(RecordType::votes_lost) == 0);
    // Its own signature is the proof.
    show(0, chain.vote(VoteKind::nullify, high, Hash{}, old_copy), nonce);
    CHECK(fixture.metrics().amnesiac);
}

TEST_CASE("seen votes: a contradiction is found behind certificate and finality",
          "[consensus][evidence]") {
    VirtualNetwork network(4);
    for (int i = 0; i < 5; ++i) {
        network.submit(0, "pay-" + std::to_string(i));
        network.run_for(40);
    }
    network.run_for(500);
    auto& chain = network.chain();
    const auto& blocks = network.node(0).disk.blocks;
    const auto finalised = blocks.at(2).header.view;
    REQUIRE(network.node(0).engine->metrics().finalised_view > finalised);
    // Validator 3 finalized that view, and now says it nullified it.
    network.inject(3, 0, chain.vote(VoteKind::nullify, finalised, Hash{}, 3));
    REQUIRE(network.node(0).evidence.size() == 1);
    const auto found = network.node(0).evidence.front();
    CHECK(found.kind == EvidenceKind::nullify_and_finalize);
    CHECK(found.first.signer == 3);
    CHECK(verify(found, chain.set, chain.chain_id));
    // Said again: told once.
    network.inject(3, 0, chain.vote(VoteKind::nullify, finalised, Hash{}, 3));
    CHECK(network.node(0).evidence.size() == 1);
    // Another kind of contradiction in the same view is another piece.
    network.inject(3, 0,
                   chain.vote(VoteKind::notarize, finalised, hash(domain::header, "other"), 3));
    REQUIRE(network.node(0).evidence.size() == 2);
    CHECK(network.node(0).evidence.back().kind == EvidenceKind::double_notarize);
    // A contradiction without a signature is the sender's own shame.
    auto unsigned_vote = chain.vote(VoteKind::nullify, finalised, Hash{}, 1);
    unsigned_vote.signature.data[5] ^= 1;
    network.inject(1, 0, unsigned_vote);
    CHECK(network.node(0).evidence.size() == 2);
    CHECK(network.node(0).misbehaviour.size() == 1);
}
