#include "node/replica/evidence_reporter.h"

#include <catch2/catch.hpp>

#include "node/storage/key_schema.h"
#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using consensus::Vote;
using consensus::VoteKind;
using test::SingleNode;

namespace {

/// A chain of one validator, whose key contradicts itself as a test wishes.
struct Fixture : consensus::Signer {
    SingleNode node;
    SecretKey key = test::Network::key("A", KeyPurpose::validate);
    consensus::EngineConfig engine;
    std::unique_ptr<EvidenceReporter> reporter;

    Fixture() {
        REQUIRE(node.start().empty());
        engine = node.chain.engine_config(0);
        reporter = std::make_unique<EvidenceReporter>(
            EvidenceReporter::Parts{.chain_id = node.chain.id,
                                    .turn = 0,
                                    .keys = {{key.public_key(), this}},
                                    .reads = *node.reads});
        reporter->follow(node.chain.validators);
    }
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        return key.sign(message);
    }
    [[nodiscard]] std::int64_t wall_ms() const { return node.chain.genesis.time.ms + node.now_ms; }
    [[nodiscard]] consensus::Evidence evidence(VoteKind first, VoteKind second,
                                               consensus::View view) const {
        const auto vote = [&](VoteKind kind, std::uint8_t fill) {
            Vote out{
                .kind = kind, .epoch = 1, .view = view, .digest = {}, .signer = 0, .signature = {}};
            if (kind != VoteKind::nullify) {
                out.digest.data.fill(fill);
            }
            out.signature = key.sign(consensus::vote_bytes(node.chain.id, node.chain.validators,
                                                           kind, view, out.digest));
            return out;
        };
        const auto found = consensus::contradiction(vote(first, 9), vote(second, 5));
        REQUIRE(found);
        REQUIRE(consensus::verify(*found, node.chain.validators, node.chain.id));
        return *found;
    }
    [[nodiscard]] std::optional<Bytes> due() { return reporter->due(node.now_ms, wall_ms()); }
    [[nodiscard]] std::vector<ledger::EvidenceRecord> recorded() const {
        return ledger::StateReader(*node.reads->latest()->view).evidence();
    }
};

}  // namespace

TEST_CASE("evidence reporter: what consensus finds the ledger takes, whatever its kind and order",
          "[replica][evidence]") {
    Fixture fixture;
    const auto [first, second] = GENERATE(std::pair(VoteKind::notarize, VoteKind::notarize),
                                          std::pair(VoteKind::finalize, VoteKind::finalize),
                                          std::pair(VoteKind::nullify, VoteKind::finalize),
                                          std::pair(VoteKind::finalize, VoteKind::nullify));
    const auto found = fixture.evidence(first, second, 4);
    // The ledger builds the signed bytes by itself: they must be those that consensus signs.
    CHECK(ledger::holds(vote_pair(found, fixture.node.chain.validators), fixture.node.chain.id));
    fixture.reporter->add(found, fixture.node.now_ms);
    fixture.reporter->add(found, fixture.node.now_ms);
    CHECK(fixture.reporter->waiting() == 1);
    const auto item = fixture.due();
    REQUIRE(item);
    fixture.node.submit(*item, 2000);
    fixture.node.run_for(2001);
    REQUIRE(fixture.node.answers.size() == 1);
    REQUIRE(fixture.node.answers[0].receipts);
    CHECK(fixture.node.answers[0].receipts->receipts[0].ok());
    const auto kept = fixture.recorded();
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].votes.view == 4);
    CHECK(kept[0].votes.validator == fixture.key.public_key());
    CHECK(kept[0].reporter == kept[0].participant);
    // The chain has it: nothing is left to say.
    fixture.node.run_for(EvidenceReporter::again_ms);
    CHECK_FALSE(fixture.due());
    CHECK(fixture.reporter->waiting() == 0);
    CHECK_FALSE(fixture.reporter->next_deadline());
}

TEST_CASE("evidence reporter: it takes its turn, at most one a second, and tries again",
          "[replica][evidence]") {
    Fixture fixture;
    fixture.engine.self = 0;
    auto now = fixture.node.now_ms;
    fixture.reporter->add(fixture.evidence(VoteKind::notarize, VoteKind::notarize, 4), now);
    fixture.reporter->add(fixture.evidence(VoteKind::notarize, VoteKind::notarize, 5), now);
    const auto ask = [&] { return fixture.reporter->due(now, fixture.wall_ms()); };
    const auto first = ask();
    CHECK(first);
    CHECK_FALSE(ask());
    CHECK(fixture.reporter->next_deadline() == now + 1'000);
    now += 1'000;
    const auto second = ask();
    CHECK(second);
    CHECK(second != first);
    now += 1'000;
    CHECK_FALSE(ask());
    now = fixture.node.now_ms + EvidenceReporter::again_ms;
    CHECK(ask());
    CHECK(fixture.reporter->waiting() == 2);
}

TEST_CASE("evidence reporter: it signs with the key in force, not with one of before or to come",
          "[replica][evidence]") {
    Fixture fixture;
    const SecretKey other = test::Network::key("A", KeyPurpose::govern);  // no validator's
    fixture.reporter = std::make_unique<EvidenceReporter>(
        EvidenceReporter::Parts{.chain_id = fixture.node.chain.id,
                                .turn = 0,
                                .keys = {{SecretKey(KeySeed{}).public_key(), &fixture},
                                         {other.public_key(), &fixture},
                                         {fixture.key.public_key(), &fixture}},
                                .reads = *fixture.node.reads});
    fixture.reporter->follow(fixture.node.chain.validators);
    fixture.reporter->add(fixture.evidence(VoteKind::notarize, VoteKind::notarize, 4),
                          fixture.node.now_ms);
    const auto item = fixture.due();
    REQUIRE(item);
    fixture.node.submit(*item, 2000);
    fixture.node.run_for(2001);
    REQUIRE(fixture.node.answers.size() == 1);
    REQUIRE(fixture.node.answers[0].receipts);
    CHECK(fixture.node.answers[0].receipts->receipts[0].ok());
    CHECK(fixture.recorded().size() == 1);
}

TEST_CASE("evidence reporter: what the chain has not recorded outlives a restart, in any epoch",
          "[replica][evidence]") {
    Fixture fixture;
    const auto keep = [&] {
        REQUIRE(fixture.node.kv.write(fixture.reporter->take_writes(), KvSync::buffered));
    };
    const auto restart = [&] {
        auto parts = EvidenceReporter::Parts{.chain_id = fixture.node.chain.id,
                                             .turn = 0,
                                             .keys = {{fixture.key.public_key(), &fixture}},
                                             .reads = *fixture.node.reads};
        fixture.reporter = std::make_unique<EvidenceReporter>(std::move(parts));
        return fixture.reporter->recover(fixture.node.kv, fixture.node.now_ms);
    };
    fixture.reporter->add(fixture.evidence(VoteKind::notarize, VoteKind::notarize, 4),
                          fixture.node.now_ms);
    keep();
    REQUIRE(restart());
    CHECK(fixture.reporter->waiting() == 1);  // though it follows no epoch yet
    const auto item = fixture.due();
    REQUIRE(item);
    fixture.node.submit(*item, 2000);
    fixture.node.run_for(2001);
    REQUIRE(fixture.recorded().size() == 1);
    fixture.node.run_for(EvidenceReporter::again_ms);
    CHECK_FALSE(fixture.due());
    keep();
    REQUIRE(restart());
    CHECK(fixture.reporter->waiting() == 0);

    KvBatch damage;
    damage.put(keys::evidence("x"), "not two votes");
    REQUIRE(fixture.node.kv.write(damage, KvSync::buffered));
    CHECK_FALSE(restart());
}
