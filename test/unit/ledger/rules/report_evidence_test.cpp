#include "ledger/rules/report_evidence.h"

#include <limits>

#include "test/unit/ledger/rules/settlement_world.h"

using namespace remit;
using namespace remit::ledger;
using namespace remit::ledger::test;

namespace {

SecretKey validate_key(std::uint8_t number) {
    KeySeed seed;
    seed.data[0] = number;
    seed.data[9] = 55;
    return SecretKey(seed);
}

/// The numbers of the vote kinds as consensus signs them.
constexpr std::uint8_t notarize = 1;
constexpr std::uint8_t nullify = 2;
constexpr std::uint8_t finalize = 3;

/// A network in which operator T runs a validator.
struct World : SettlementWorld {
    SecretKey accused = validate_key(1);

    World() {
        state().put(KeyRecord{.key = accused.public_key(),
                              .participant = operator_t,
                              .purpose = KeyPurpose::validate,
                              .from_height = 0,
                              .revoked_height = 0});
    }
    /// A vote's signature, built by hand: domain, chain, epoch, set, kind, view, digest.
    [[nodiscard]] Signature signature(const VotePair& votes, std::uint8_t kind,
                                      const Hash& digest) const {
        Writer message;
        message.raw(domain::vote.tag()).fixed(context(bank).chain_id).u64(votes.epoch);
        message.fixed(votes.valset_hash).u8(kind).u64(votes.view).fixed(digest);
        return accused.sign(message.view());
    }
    [[nodiscard]] VotePair pair(EvidenceKind kind, std::uint64_t view) const {
        VotePair out;
        out.kind = kind;
        out.validator = accused.public_key();
        out.epoch = 1;
        out.valset_hash.data.fill(7);
        out.view = view;
        out.second_digest.data.fill(9);
        if (kind != EvidenceKind::nullify_and_finalize) {
            out.first_digest.data.fill(8);
        }
        sign(out);
        return out;
    }
    void sign(VotePair& out) const {
        const auto first = out.kind == EvidenceKind::nullify_and_finalize ? nullify
                           : out.kind == EvidenceKind::double_finalize    ? finalize
                                                                          : notarize;
        const auto second = out.kind == EvidenceKind::double_notarize ? notarize : finalize;
        out.first_signature = signature(out, first, out.first_digest);
        out.second_signature = signature(out, second, out.second_digest);
    }
    RuleResult report(const VotePair& votes, ParticipantId by = bank) {
        return run(report_evidence, ReportEvidence{votes}, by);
    }
};

}  // namespace

TEST_CASE("report_evidence: each kind is recorded under the validator, once") {
    World world;
    const auto kind = GENERATE(EvidenceKind::double_notarize, EvidenceKind::double_finalize,
                               EvidenceKind::nullify_and_finalize);
    const auto votes = world.pair(kind, 12);
    REQUIRE(world.report(votes, operator_a));
    const auto kept = world.state().evidence();
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].votes == votes);
    CHECK(kept[0].participant == operator_t);
    CHECK(kept[0].reporter == operator_a);
    CHECK(kept[0].height == world.height());
    CHECK(kept[0].time == world.time());
    CHECK(refusal(world.report(votes)) == LedgerError::evidence_known);
    // Of the same view and kind with other digests: it would prove nothing new.
    auto other = votes;
    other.second_digest.data.fill(10);
    world.sign(other);
    CHECK(refusal(world.report(other)) == LedgerError::evidence_known);
    CHECK(world.report(world.pair(kind, 13)));
    CHECK(world.status(operator_t) == ParticipantStatus::active);  // governance decides
}

TEST_CASE("report_evidence: what does not prove itself is refused") {
    World world;
    const auto bad = [&](void (*change)(VotePair&), bool sign_again) {
        for (const auto kind : {EvidenceKind::double_notarize, EvidenceKind::double_finalize,
                                EvidenceKind::nullify_and_finalize}) {
            auto votes = world.pair(kind, 12);
            change(votes);
            if (sign_again) {
                world.sign(votes);
            }
            CHECK(refusal(world.report(votes)) == LedgerError::bad_evidence);
        }
    };
    bad([](VotePair& votes) { votes.first_signature.data[3] ^= 1; }, false);
    bad([](VotePair& votes) { votes.second_signature.data[3] ^= 1; }, false);
    bad([](VotePair& votes) { ++votes.view; }, false);
    bad([](VotePair& votes) { ++votes.epoch; }, false);
    bad([](VotePair& votes) { votes.valset_hash.data[0] ^= 1; }, false);
    bad([](VotePair& votes) { votes.kind = EvidenceKind::unspecified; }, false);
    // One vote twice, or in the other order, is no contradiction in its one form.
    bad([](VotePair& votes) { votes.first_digest = votes.second_digest; }, true);
    bad([](VotePair& votes) { std::swap(votes.first_digest, votes.second_digest); }, true);
    // Honest: notarize and finalize of one block, notarize and nullify of one view.
    auto honest = world.pair(EvidenceKind::double_notarize, 12);
    honest.first_signature = world.signature(honest, finalize, honest.first_digest);
    CHECK(refusal(world.report(honest)) == LedgerError::bad_evidence);
    honest = world.pair(EvidenceKind::nullify_and_finalize, 12);
    honest.second_signature = world.signature(honest, notarize, honest.second_digest);
    CHECK(refusal(world.report(honest)) == LedgerError::bad_evidence);
    CHECK(world.state().evidence().empty());
}

// Mulberry 2021: evidence of heights that were not there yet stopped nodes.
TEST_CASE("report_evidence: of an epoch or a view that nobody has reached it counts as well") {
    World world;
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    for (const auto kind : {EvidenceKind::double_notarize, EvidenceKind::double_finalize,
                            EvidenceKind::nullify_and_finalize}) {
        for (const auto& [epoch, view] : {std::pair(most, std::uint64_t{1}),
                                          {most, most},
                                          {std::uint64_t{1}, most},
                                          {std::uint64_t{0}, most}}) {
            CAPTURE(static_cast<int>(kind), epoch, view);
            auto votes = world.pair(kind, 12);
            votes.epoch = epoch;
            votes.view = view;
            CHECK(refusal(world.report(votes)) == LedgerError::bad_evidence);
            world.sign(votes);
            CHECK(world.report(votes));
            CHECK(refusal(world.report(votes)) == LedgerError::evidence_known);
        }
    }
    CHECK(world.state().evidence().size() == 12);
}

TEST_CASE("report_evidence: only a key that was registered as a validator's can be accused") {
    World world;
    const auto votes = world.pair(EvidenceKind::double_notarize, 12);
    const auto as = [&](KeyPurpose purpose, std::uint64_t revoked) {
        world.state().put(KeyRecord{.key = world.accused.public_key(),
                                    .participant = operator_t,
                                    .purpose = purpose,
                                    .from_height = 0,
                                    .revoked_height = revoked});
        return world.report(votes);
    };
    CHECK(refusal(as(KeyPurpose::operate, 0)) == LedgerError::not_a_validator);
    auto stranger = votes;
    stranger.validator = validate_key(2).public_key();
    CHECK(refusal(world.report(stranger)) == LedgerError::not_a_validator);
    CHECK(as(KeyPurpose::validate, world.height()));  // revoked: it answers for what it signed
}

TEST_CASE("report_evidence: a validator that contradicts itself for ever fills no state") {
    World world;
    for (std::uint64_t view = 1; view <= evidence_per_validator_max; ++view) {
        REQUIRE(world.report(world.pair(EvidenceKind::double_notarize, view)));
    }
    CHECK(refusal(world.report(world.pair(EvidenceKind::double_notarize, 999))) ==
          LedgerError::evidence_enough);
    CHECK(refusal(world.report(world.pair(EvidenceKind::double_notarize, 5))) ==
          LedgerError::evidence_known);
    CHECK(world.state().evidence().size() == evidence_per_validator_max);
}
