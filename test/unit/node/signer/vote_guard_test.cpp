#include "node/signer/vote_guard.h"

#include <catch2/catch.hpp>

#include "test/support/node/prng.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using consensus::VoteKind;

namespace {

VoteStatement vote(VoteKind kind, consensus::View view, char block = 'a',
                   consensus::Epoch epoch = 1) {
    return {.kind = kind,
            .epoch = epoch,
            .valset_hash = {},
            .view = view,
            .digest =
                kind == VoteKind::nullify ? Hash{} : remit::hash(domain::header, Bytes(1, block))};
}

std::optional<Refusal> refusal(const VoteGuard& guard, const VoteStatement& asked) {
    const auto allowed = guard.check(asked);
    return allowed ? std::nullopt : std::optional(allowed.error());
}

}  // namespace

TEST_CASE("vote guard: S1 one notarize digest a view, none after a nullify", "[signer]") {
    VoteGuard guard;
    static_cast<void>(guard.add(vote(VoteKind::notarize, 5)));
    CHECK(refusal(guard, vote(VoteKind::notarize, 5)) == std::nullopt);
    CHECK(refusal(guard, vote(VoteKind::notarize, 5, 'b')) == Refusal::already_notarized);
    CHECK(refusal(guard, vote(VoteKind::notarize, 6, 'b')) == std::nullopt);
    static_cast<void>(guard.add(vote(VoteKind::nullify, 6)));
    CHECK(refusal(guard, vote(VoteKind::notarize, 6, 'b')) == Refusal::already_nullified);
}

TEST_CASE("vote guard: S2 never both nullify and finalize of a view", "[signer]") {
    VoteGuard guard;
    static_cast<void>(guard.add(vote(VoteKind::nullify, 5)));
    CHECK(refusal(guard, vote(VoteKind::finalize, 5)) == Refusal::already_nullified);
    static_cast<void>(guard.add(vote(VoteKind::finalize, 6)));
    CHECK(refusal(guard, vote(VoteKind::nullify, 6)) == Refusal::already_finalized);
    CHECK(refusal(guard, vote(VoteKind::finalize, 6, 'b')) == Refusal::already_finalized);
    CHECK(refusal(guard, vote(VoteKind::finalize, 6)) == std::nullopt);
}

TEST_CASE("vote guard: a nullify after an own notarize is what a timeout does", "[signer]") {
    VoteGuard guard;
    static_cast<void>(guard.add(vote(VoteKind::notarize, 5)));
    CHECK(refusal(guard, vote(VoteKind::nullify, 5)) == std::nullopt);
    // A block that was notarized by the others may be finalized without an own notarize of it.
    CHECK(refusal(guard, vote(VoteKind::finalize, 5, 'b')) == std::nullopt);
}

TEST_CASE("vote guard: epochs have views of their own, an older epoch is below", "[signer]") {
    VoteGuard guard;
    static_cast<void>(guard.add(vote(VoteKind::notarize, 5, 'a', 2)));
    CHECK(refusal(guard, vote(VoteKind::notarize, 5, 'b', 3)) == std::nullopt);
    static_cast<void>(guard.raise({.epoch = 3, .view = 1}));
    CHECK(refusal(guard, vote(VoteKind::notarize, 9, 'b', 2)) == Refusal::below_floor);
    CHECK(refusal(guard, vote(VoteKind::notarize, 1, 'b', 3)) == std::nullopt);
}

TEST_CASE("vote guard: the floor never goes back, and rises when views are forgotten", "[signer]") {
    VoteGuard guard(16);
    static_cast<void>(guard.raise({.epoch = 1, .view = 10}));
    static_cast<void>(guard.raise({.epoch = 1, .view = 5}));
    CHECK(guard.floor() == Place{.epoch = 1, .view = 10});
    CHECK(refusal(guard, vote(VoteKind::nullify, 9)) == Refusal::below_floor);
    for (consensus::View view = 10; view < 200; ++view) {
        static_cast<void>(guard.add(vote(VoteKind::notarize, view)));
        REQUIRE(guard.views() <= 18);
        REQUIRE(guard.floor().view + 18 >= view);
        REQUIRE(refusal(guard, vote(VoteKind::notarize, view, 'b')));
        REQUIRE(refusal(guard, vote(VoteKind::notarize, view > 15 ? view - 15 : 1, 'b')));
    }
    CHECK(refusal(guard, vote(VoteKind::notarize, 10, 'a')) == Refusal::below_floor);
}

TEST_CASE("vote guard: one absurd view does not make the real ones forgotten", "[signer]") {
    VoteGuard guard(16);
    static_cast<void>(guard.add(vote(VoteKind::notarize, 5)));
    static_cast<void>(guard.add(vote(VoteKind::notarize, ~consensus::View{0})));
    CHECK(refusal(guard, vote(VoteKind::notarize, 6)) == std::nullopt);
    CHECK(refusal(guard, vote(VoteKind::notarize, 5, 'b')) == Refusal::already_notarized);
}

TEST_CASE("vote guard: its records make the same guard, whatever was asked before", "[signer]") {
    test::Prng random(GENERATE(1U, 2U, 3U), "guard");
    VoteGuard guard(8);
    std::vector<consensus::JournalRecord> records;
    std::map<Place, std::map<VoteKind, Hash>> signed_votes;  // the oracle: what left the signer
    for (int i = 0; i < 2000; ++i) {
        const auto kind = static_cast<VoteKind>(1 + random.below(3));
        const auto asked = vote(kind, 1 + static_cast<consensus::View>(i) / 20 + random.below(6),
                                static_cast<char>('a' + random.below(2)), 1);
        const Place place{.epoch = asked.epoch, .view = asked.view};
        if (!guard.check(asked)) {
            continue;
        }
        auto& said = signed_votes[place];
        const auto before = said.find(kind);
        REQUIRE((before == said.end() || before->second == asked.digest));
        said[kind] = asked.digest;
        REQUIRE_FALSE((said.contains(VoteKind::nullify) && said.contains(VoteKind::finalize)));
        if (!guard.remembers(asked)) {
            for (auto& record : guard.add(asked)) {
                records.push_back(std::move(record));
            }
        }
        if (random.below(50) == 0) {
            VoteGuard restored(8);
            for (const auto& record : records) {
                REQUIRE(restored.restore(record));
            }
            REQUIRE(restored.floor() == guard.floor());
            guard = restored;
        }
    }
    CHECK(signed_votes.size() > 50);
}

TEST_CASE("vote guard: a journal that contradicts itself or holds other things is none",
          "[signer]") {
    VoteGuard first;
    VoteGuard second;
    const auto one = first.add(vote(VoteKind::notarize, 5));
    const auto other = second.add(vote(VoteKind::notarize, 5, 'b'));
    VoteGuard guard;
    CHECK(guard.restore(one[0]));
    CHECK_FALSE(guard.restore(other[0]));
    CHECK_FALSE(guard.restore({consensus::RecordType::header, 1, 1, "x"}));
    CHECK_FALSE(guard.restore({consensus::RecordType::vote, 1, 1, "x"}));
    CHECK_FALSE(guard.restore({consensus::RecordType::resume, 1, 1, "x"}));
}
