#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using consensus::View;
using consensus::VoteKind;
using test::SingleNode;

namespace {

constexpr View voted = 5;      // the view of a vote that the journal has let go
constexpr View durable = 150;  // of the newest block that was durable
constexpr View newest = 200;

/// The first of four validators: its database is gone, the journal beside it is sound. What it
/// voted in views below its durable block was let go long ago.
struct WithoutDatabase {
    SingleNode node{{}, params(), 4};
    std::vector<SecretKey> keys;

    WithoutDatabase() {
        for (const auto& each : node.chain.validators.validators()) {
            keys.push_back(test::Network::key(each.name, KeyPurpose::validate));
            REQUIRE(keys.back().public_key() == each.key);
        }
        node.gathered = "./incoming";
        auto opened = or_die(VoteJournal::open(node.disk, node.random, {"journal", 4096}, true));
        auto& journal = *opened.journal;
        for (auto view = voted; view <= newest; ++view) {
            or_die(journal.append({record_of(vote(VoteKind::nullify, view, {}, 0))}, {}));
            or_die(journal.sync());
        }
        or_die(journal.append({record_of(certificate(VoteKind::nullify, newest, {}))}, {}));
        const auto before = journal.segments();
        or_die(journal.prune(1, durable, 100));
        REQUIRE(journal.segments() < before);
        or_die(journal.close());
    }

    static consensus::Params params() {
        consensus::Params out;
        out.snapshot_interval = 8;
        out.snapshot_delay = 3;
        out.snapshot_chunk_bytes = 512;
        return out;
    }
    [[nodiscard]] consensus::Vote vote(VoteKind kind, View view, const Hash& digest,
                                       consensus::ValidatorIndex signer) const {
        const auto bytes =
            consensus::vote_bytes(node.chain.id, node.chain.validators, kind, view, digest);
        return {.kind = kind,
                .epoch = 1,
                .view = view,
                .digest = digest,
                .signer = signer,
                .signature = keys[signer].sign(bytes)};
    }
    /// Of the other three.
    [[nodiscard]] consensus::Certificate certificate(VoteKind kind, View view,
                                                     const Hash& digest) const {
        consensus::SignatureMap signatures;
        for (consensus::ValidatorIndex signer = 1; signer < keys.size(); ++signer) {
            signatures[signer] = vote(kind, view, digest, signer).signature;
        }
        return {.kind = kind,
                .epoch = 1,
                .view = view,
                .digest = digest,
                .valset_hash = node.chain.validators.hash(),
                .signers = consensus::Signers::from(signatures, 3, keys.size())};
    }
    /// The others hold no vote of this validator that it does not know itself.
    void answer_question_for_votes() {
        const auto asked = std::find_if(node.sent.begin(), node.sent.end(), [](const auto& each) {
            return std::holds_alternative<consensus::VotesRequest>(each);
        });
        REQUIRE(asked != node.sent.end());
        const auto nonce = std::get<consensus::VotesRequest>(*asked).nonce;
        for (consensus::ValidatorIndex peer = 1; peer < keys.size(); ++peer) {
            node.replica->on_peer_message(
                peer, consensus::VotesAnswer{.epoch = 1, .nonce = nonce, .votes = {}});
        }
        node.replica->flush();
    }
    [[nodiscard]] bool finalized(View view) const {
        return std::any_of(node.sent.begin(), node.sent.end(), [view](const auto& each) {
            const auto* sent = std::get_if<consensus::Vote>(&each);
            return sent != nullptr && sent->kind == VoteKind::finalize && sent->view == view;
        });
    }
};

}  // namespace

TEST_CASE("rejoin: without its database a validator signs nothing where its votes were let go",
          "[snapshot]") {
    WithoutDatabase fixture;
    auto& node = fixture.node;
    REQUIRE(node.start().empty());
    fixture.answer_question_for_votes();
    // This view was notarized as well as nullified, by this validator too: L2 rests on its not
    // signing both. A peer shows it the Notarization again.
    node.replica->on_peer_message(
        3, fixture.certificate(VoteKind::notarize, voted, hash(domain::header, "a block")));
    node.replica->flush();
    CHECK_FALSE(fixture.finalized(voted));
    CHECK(node.replica->metrics().amnesiac);

    // A crash before a snapshot is there changes nothing.
    node.stop(true);
    node.kv = test::MemoryKv();
    node.sent.clear();
    REQUIRE(node.start().empty());
    CHECK(node.replica->metrics().amnesiac);
}
