#include "node/replica/replica.h"

#include <catch2/catch.hpp>

#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using Outcome = SubmitAnswer::Outcome;
using test::SingleNode;

namespace {

constexpr std::int64_t wait_ms = 2000;

/// Submits and lets time pass until the answer is there.
SubmitAnswer answer_to(SingleNode& node, Bytes item) {
    node.answers.clear();
    node.submit(std::move(item), wait_ms);
    node.run_for(wait_ms + 1);
    REQUIRE(node.answers.size() == 1);
    return node.answers.front();
}

}  // namespace

TEST_CASE("replica: an envelope ends with its receipt", "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    const auto answer = answer_to(node, node.opening(1));
    REQUIRE(answer.outcome == Outcome::final);
    REQUIRE(answer.receipts);
    REQUIRE(answer.receipts->receipts.size() == 1);
    CHECK(answer.receipts->receipts[0].ok());
    CHECK(answer.receipts->receipts[0].transaction == answer.transaction_id);
    CHECK(answer.receipts->height <= node.reads->final_height());
    CHECK(node.replica->pending() == 0);
}

TEST_CASE("replica: it counts what it syncs and writes to its journal", "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    const auto before = node.replica->counts();
    const auto item = node.opening(1);
    REQUIRE(answer_to(node, item).outcome == Outcome::final);
    const auto after = node.replica->counts();
    CHECK(after.journal_bytes >= before.journal_bytes + item.size());
    CHECK(after.journal_syncs > before.journal_syncs);
    CHECK(after.votes_sent == 0);  // alone there is nobody to send to
}

TEST_CASE("replica: the same envelope again gives the same receipts and is verified once",
          "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    const auto first = answer_to(node, node.opening(1));
    const auto height = node.reads->final_height();
    const auto again = answer_to(node, node.opening(1));
    CHECK(again.outcome == Outcome::final);
    CHECK(again.receipts->receipts == first.receipts->receipts);
    CHECK(node.checker->signatures_verified() == 1);
    CHECK(node.reads->final_height() == height);  // nothing was ordered for it
}

TEST_CASE("replica: what no honest node would order is refused and leaves no trace", "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    auto forged = node.opening(1);
    forged[40] = static_cast<char>(forged[40] ^ 1);  // in the signature
    CHECK(answer_to(node, forged).error == ledger::LedgerError::bad_signature);
    CHECK(answer_to(node, "garbage").error == ledger::LedgerError::bad_encoding);
    CHECK(answer_to(node, Bytes()).error == ledger::LedgerError::bad_encoding);
    CHECK(node.replica->pending() == 0);
    CHECK(node.reads->final_height() == 0);
    CHECK(node.replica->metrics().batches_held == 0);
}

TEST_CASE("replica: without a wait the answer is PENDING and the receipts come later",
          "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    node.submit(node.opening(1), 0);
    REQUIRE(node.answers.size() == 1);
    CHECK(node.answers[0].outcome == Outcome::pending);
    node.run_for(wait_ms);
    const auto later = node.reads->transaction(node.answers[0].transaction_id);
    REQUIRE(later);
    CHECK(later->receipts[0].ok());
}

TEST_CASE("replica: the same body under a stranger's key is not the client's answer", "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    const auto stranger = node.opening(1, "G");
    const auto mine = node.opening(1);
    node.replica->submit({stranger, 0, [](SubmitAnswer) {}});
    node.replica->flush();
    node.run_for(wait_ms);
    const auto answer = answer_to(node, mine);
    REQUIRE(answer.outcome == Outcome::final);
    CHECK(answer.receipts->receipts[0].ok());
    CHECK(node.reads->transaction(answer.transaction_id)->receipts[0].ok());
}

TEST_CASE("replica: a stranger's copy that waits here first is not the sender's answer",
          "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    // Both wait at the same time, the copy in front; each hears of its own envelope.
    std::vector<SubmitAnswer> to_stranger;
    node.replica->submit({node.opening(1, "G"), wait_ms,
                          [&](SubmitAnswer answer) { to_stranger.push_back(answer); }});
    const auto answer = answer_to(node, node.opening(1));
    REQUIRE(answer.outcome == Outcome::final);
    REQUIRE(answer.receipts);
    CHECK(answer.receipts->receipts.at(0).ok());
    REQUIRE(to_stranger.size() == 1);
    CHECK(to_stranger[0].receipts->receipts.at(0).code ==
          static_cast<std::uint16_t>(ledger::LedgerError::unknown_key));
    CHECK(node.replica->pending() == 0);
    // A copy that comes later hides the executed one neither in memory nor in the store.
    node.submit(node.opening(1, "G"), 0);
    node.run_for(wait_ms);
    CHECK(node.reads->transaction(answer.transaction_id)->receipts.at(0).ok());
    node.stop(false);
    REQUIRE(node.start().empty());
    node.run_for(wait_ms);
    CHECK(node.reads->transaction(answer.transaction_id)->receipts.at(0).ok());
    CHECK(answer_to(node, node.opening(1)).receipts->receipts.at(0).ok());
}

TEST_CASE("replica: copies ordered after the executed envelope leave its receipts in place",
          "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    const bool same_block = GENERATE(true, false);
    CAPTURE(same_block);
    std::vector<SubmitAnswer> to_stranger;
    node.answers.clear();
    node.replica->submit(
        {node.opening(1), wait_ms, [&](SubmitAnswer each) { node.answers.push_back(each); }});
    if (!same_block) {
        node.replica->flush();
    }
    node.replica->submit(
        {node.opening(1, "G"), wait_ms, [&](SubmitAnswer each) { to_stranger.push_back(each); }});
    node.replica->flush();
    node.run_for(wait_ms + 1);
    REQUIRE(node.answers.size() == 1);
    REQUIRE(to_stranger.size() == 1);
    CHECK(node.answers[0].receipts->receipts.at(0).ok());
    CHECK(node.reads->transaction(node.answers[0].transaction_id)->receipts.at(0).ok());
}

TEST_CASE("replica: a frame that is no message is counted and blamed on its sender", "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    node.replica->on_peer_bytes(0, "no message");
    node.replica->flush();
    CHECK(node.replica->counts().frames_refused == 1);
    CHECK(node.blamed == 1);
}

TEST_CASE("replica: final receipts are there after kill -9 and after a power cut", "[replica]") {
    const bool power = GENERATE(false, true);
    CAPTURE(power);
    SingleNode node;
    REQUIRE(node.start().empty());
    std::vector<SubmitAnswer> told;
    for (std::uint8_t i = 1; i <= 12; ++i) {
        told.push_back(answer_to(node, node.opening(i)));
        if (i % 4 == 0) {
            node.stop(power);
            REQUIRE(node.start().empty());
            node.run_for(wait_ms);
        }
    }
    node.replica->close();
    node.stop(power);
    REQUIRE(node.start().empty());
    for (const auto& answer : told) {
        const auto found = node.reads->transaction(answer.transaction_id);
        REQUIRE(found);
        CHECK(found->receipts == answer.receipts->receipts);
    }
}

TEST_CASE("replica: the journal keeps executed batches until the database is durable",
          "[replica]") {
    // No checkpoint comes by itself, and the journal fills many segments.
    SingleNode node({.blocks = 1'000'000, .interval_ms = 1'000'000'000});
    REQUIRE(node.start().empty());
    answer_to(node, node.opening(1));
    node.execution->checkpoint();
    const auto durable = node.kv;  // all that a power cut may leave of the database
    std::vector<SubmitAnswer> told;
    for (std::uint8_t i = 2; i <= 120; ++i) {
        told.push_back(answer_to(node, node.opening(i)));
    }
    REQUIRE(node.disk.list("journal")->size() >= 4);
    node.stop(false);
    node.kv = durable;
    node.kv.before_write = nullptr;
    REQUIRE(node.start().empty());
    node.run_for(wait_ms);
    for (const auto& answer : told) {
        const auto found = node.reads->transaction(answer.transaction_id);
        REQUIRE(found);
        CHECK(found->receipts == answer.receipts->receipts);
    }
}

TEST_CASE("replica: a database put back to an old copy is refused", "[replica]") {
    SingleNode node({.blocks = 1, .interval_ms = 1});
    REQUIRE(node.start().empty());
    const auto old = node.kv;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        answer_to(node, node.opening(i));
    }
    node.stop(false);
    node.kv = old;
    node.kv.before_write = nullptr;
    CHECK(node.start().find("was durable") != std::string::npos);
}

TEST_CASE("replica: alone, a lost journal under a database with blocks is refused", "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    answer_to(node, node.opening(1));
    node.stop(false);
    node.disk = test::MemoryDisk();
    CHECK(node.start().find("must not vote") != std::string::npos);
}

TEST_CASE("receipt proof: it convinces with the genesis file, and no byte of it can be changed",
          "[replica]") {
    SingleNode node;
    REQUIRE(node.start().empty());
    const auto answer = answer_to(node, node.opening(1));
    const auto bytes = node.reads->receipt_proof(answer.transaction_id, 0);
    REQUIRE(bytes);
    const auto proof = PortableReceipt::decode(*bytes);
    REQUIRE(proof);
    REQUIRE(proof->encode() == *bytes);
    CHECK(verify(*proof, node.chain.id, node.chain.validators));
    CHECK_FALSE(node.reads->receipt_proof(answer.transaction_id, 1));
    for (std::size_t at = 0; at < bytes->size(); ++at) {
        CAPTURE(at);
        auto changed = *bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x04);
        const auto decoded = PortableReceipt::decode(changed);
        REQUIRE((!decoded || !verify(*decoded, node.chain.id, node.chain.validators)));
        const auto cut = PortableReceipt::decode(ByteView(*bytes).substr(0, at));
        REQUIRE_FALSE(cut);
    }
}
