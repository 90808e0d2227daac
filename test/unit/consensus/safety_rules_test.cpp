#include "consensus/safety_rules.h"

#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;

namespace {

struct Kernel {
    Chain chain{4};
    SafetyRules rules{chain.chain_id, chain.set, 0, chain.genesis.digest(), *chain.signers[0]};

    [[nodiscard]] SafetyRules fresh() const {
        return {chain.chain_id, chain.set, 0, chain.genesis.digest(), *chain.signers[0]};
    }
    [[nodiscard]] Certificate notarization(const Header& header) const {
        return chain.certificate(VoteKind::notarize, header.view, header.digest(), {1, 2, 3});
    }
    [[nodiscard]] Certificate nullification(View view) const {
        return chain.certificate(VoteKind::nullify, view, Hash{}, {1, 2, 3});
    }
};

template <class T>
std::optional<SafetyRefusal> refusal(const Result<T, SafetyRefusal>& result) {
    return result ? std::nullopt : std::optional(result.error());
}

}  // namespace

TEST_CASE("safety rules: S1 one notarize digest per view, none after a nullify", "[consensus]") {
    Kernel kernel;
    const auto& chain = kernel.chain;
    const auto header = chain.child(chain.genesis, 1);
    auto other = header;
    other.time_ms += 1;
    REQUIRE(kernel.rules.notarize(header, {}, std::nullopt).has_value());
    CHECK(refusal(kernel.rules.notarize(other, {}, std::nullopt)) ==
          SafetyRefusal::already_notarized);
    auto rules = kernel.fresh();
    REQUIRE(rules.nullify(1, std::nullopt).has_value());
    CHECK(refusal(rules.notarize(header, {}, std::nullopt)) == SafetyRefusal::already_nullified);
}

TEST_CASE("safety rules: S2 never both nullify and finalize of a view", "[consensus]") {
    Kernel kernel;
    const auto header = kernel.chain.child(kernel.chain.genesis, 1);
    const auto notarization = kernel.notarization(header);
    REQUIRE(kernel.rules.nullify(1, std::nullopt).has_value());
    CHECK(refusal(kernel.rules.finalize(notarization, std::nullopt)) ==
          SafetyRefusal::already_nullified);
    auto rules = kernel.fresh();
    REQUIRE(rules.finalize(notarization, std::nullopt).has_value());
    CHECK(refusal(rules.nullify(1, std::nullopt)) == SafetyRefusal::already_finalized);
    CHECK(refusal(rules.finalize(notarization, std::nullopt)) == SafetyRefusal::already_finalized);
}

TEST_CASE("safety rules: S3 the parent is certified and every view between is nullified",
          "[consensus]") {
    Kernel kernel;
    const auto& chain = kernel.chain;
    const auto parent = chain.child(chain.genesis, 1);
    const auto header = chain.child(parent, 4);
    const ParentProof full{.parent = kernel.notarization(parent),
                           .nullifications = {kernel.nullification(2), kernel.nullification(3)}};
    auto proof = full;
    proof.parent.reset();
    CHECK(refusal(kernel.rules.notarize(header, proof, std::nullopt)) ==
          SafetyRefusal::uncertified_parent);
    proof = full;
    proof.nullifications.pop_back();
    CHECK(refusal(kernel.rules.notarize(header, proof, std::nullopt)) ==
          SafetyRefusal::missing_nullification);
    proof = full;
    proof.parent = chain.certificate(VoteKind::notarize, 1, chain.chain_id, {1, 2, 3});
    CHECK(refusal(kernel.rules.notarize(header, proof, std::nullopt)) ==
          SafetyRefusal::uncertified_parent);
    proof = full;
    proof.parent = chain.certificate(VoteKind::notarize, 1, parent.digest(), {1, 2});
    CHECK(refusal(kernel.rules.notarize(header, proof, std::nullopt)) ==
          SafetyRefusal::bad_certificate);
    proof = full;
    proof.nullifications[1] = chain.certificate(VoteKind::nullify, 3, Hash{}, {1, 2});
    CHECK(refusal(kernel.rules.notarize(header, proof, std::nullopt)) ==
          SafetyRefusal::bad_certificate);
    auto other_root = chain.child(chain.genesis, 1);
    other_root.parent_digest.data[0] ^= 1;
    CHECK(refusal(kernel.rules.notarize(other_root, {}, std::nullopt)) ==
          SafetyRefusal::uncertified_parent);
    CHECK(kernel.rules.notarize(header, full, std::nullopt).has_value());
}

TEST_CASE("safety rules: S4 finalize only with a valid notarization", "[consensus]") {
    Kernel kernel;
    const auto& chain = kernel.chain;
    const auto header = chain.child(chain.genesis, 1);
    CHECK(refusal(kernel.rules.finalize(kernel.nullification(1), std::nullopt)) ==
          SafetyRefusal::not_a_notarization);
    CHECK(refusal(kernel.rules.finalize(
              chain.certificate(VoteKind::notarize, 1, header.digest(), {2, 3}), std::nullopt)) ==
          SafetyRefusal::bad_certificate);
    const auto vote = kernel.rules.finalize(kernel.notarization(header), std::nullopt);
    REQUIRE(vote.has_value());
    CHECK(vote->vote.digest == header.digest());
}

TEST_CASE("safety rules: each signature comes with its records, certificates first, vote last",
          "[consensus]") {
    Kernel kernel;
    const auto& chain = kernel.chain;
    const auto parent = chain.child(chain.genesis, 1);
    const auto header = chain.child(parent, 3);
    const auto vote = kernel.rules.notarize(
        header,
        {.parent = kernel.notarization(parent), .nullifications = {kernel.nullification(2)}},
        kernel.nullification(2));
    REQUIRE(vote.has_value());
    REQUIRE(vote->records.size() == 4);
    CHECK(vote->records[0] == record_of(kernel.notarization(parent)));
    CHECK(vote->records[1] == record_of(kernel.nullification(2)));
    CHECK(vote->records[2] == record_of(header));
    CHECK(vote->records[3] == record_of(vote->vote));
    // What the journal holds already is not written again.
    const auto next = kernel.rules.nullify(3, kernel.nullification(2));
    REQUIRE(next.has_value());
    CHECK(next->records.size() == 1);
}

TEST_CASE("safety rules: a bad entry certificate stops the signature", "[consensus]") {
    Kernel kernel;
    const auto forged = kernel.chain.certificate(VoteKind::nullify, 1, Hash{}, {1, 2});
    CHECK(refusal(kernel.rules.nullify(2, forged)) == SafetyRefusal::bad_certificate);
    CHECK(kernel.rules.vote(VoteKind::nullify, 2) == nullptr);
}

TEST_CASE("safety rules: restored from the journal, the same rules hold", "[consensus]") {
    Kernel kernel;
    const auto& chain = kernel.chain;
    const auto header = chain.child(chain.genesis, 1);
    std::vector<JournalRecord> journal;
    const auto keep = [&](const Result<SignedVote, SafetyRefusal>& vote) {
        REQUIRE(vote.has_value());
        journal.insert(journal.end(), vote->records.begin(), vote->records.end());
    };
    keep(kernel.rules.notarize(header, {}, std::nullopt));
    keep(kernel.rules.finalize(kernel.notarization(header), std::nullopt));
    keep(kernel.rules.nullify(2, kernel.notarization(header)));
    auto rules = kernel.fresh();
    for (const auto& record : journal) {
        REQUIRE(rules.restore(record));
    }
    CHECK(rules.highest_view() == 2);
    auto other = header;
    other.time_ms += 1;
    CHECK(refusal(rules.notarize(other, {}, std::nullopt)) == SafetyRefusal::already_notarized);
    CHECK(refusal(rules.nullify(1, std::nullopt)) == SafetyRefusal::already_finalized);
    const auto second = chain.child(header, 2);
    CHECK(refusal(rules.notarize(second,
                                 {.parent = kernel.notarization(header), .nullifications = {}},
                                 std::nullopt)) == SafetyRefusal::already_nullified);
    CHECK(refusal(rules.finalize(kernel.notarization(second), std::nullopt)) ==
          SafetyRefusal::already_nullified);
}

TEST_CASE("safety rules: a journal that is not mine or contradicts itself is refused",
          "[consensus]") {
    Kernel kernel;
    const auto& chain = kernel.chain;
    CHECK_FALSE(kernel.rules.restore(record_of(chain.vote(VoteKind::nullify, 1, Hash{}, 1))));
    CHECK_FALSE(kernel.rules.restore({.type = RecordType::vote, .view = 1, .bytes = "?"}));
    auto forged = chain.vote(VoteKind::nullify, 1, Hash{}, 0);
    forged.signature.data[0] ^= 1;
    CHECK_FALSE(kernel.rules.restore(record_of(forged)));
    CHECK_FALSE(
        kernel.rules.restore(record_of(chain.certificate(VoteKind::nullify, 1, Hash{}, {1, 2}))));
    REQUIRE(kernel.rules.restore(record_of(chain.vote(VoteKind::notarize, 1, chain.chain_id, 0))));
    CHECK_FALSE(kernel.rules.restore(
        record_of(chain.vote(VoteKind::notarize, 1, chain.genesis.digest(), 0))));
}

TEST_CASE("safety rules: nothing is signed below the floor", "[consensus]") {
    Kernel kernel;
    kernel.rules.prune_below(5);
    CHECK(refusal(kernel.rules.nullify(4, std::nullopt)) == SafetyRefusal::view_below_floor);
    CHECK(refusal(kernel.rules.notarize(kernel.chain.child(kernel.chain.genesis, 4), {},
                                        std::nullopt)) == SafetyRefusal::view_below_floor);
    CHECK(kernel.rules.nullify(5, std::nullopt).has_value());
}
