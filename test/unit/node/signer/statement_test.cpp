#include "node/signer/statement.h"

#include <catch2/catch.hpp>

#include "ledger/wire/encode.h"
#include "test/support/signer/statements.h"
#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using consensus::VoteKind;

namespace {

/// What a client of this chain signs to send these operations.
Bytes envelope(const Hash& chain, std::vector<ledger::Operation> operations) {
    auto transaction = test::sample_transaction(operations.front());
    transaction.operations = std::move(operations);
    return signed_bytes(domain::client, {chain.view(), ledger::wire::encode_body(transaction)});
}

bool is_a_validators(const ledger::Operation& operation) {
    return std::holds_alternative<ledger::ReportEvidence>(operation) ||
           std::holds_alternative<ledger::Ready>(operation);
}

}  // namespace

TEST_CASE("statement: a vote is read as it was written", "[signer]") {
    const test::Statements given;
    const auto read = statement_of(given.notarize(7, 'b'), given.chain.chain_id);
    REQUIRE(read);
    const auto& vote = std::get<VoteStatement>(*read);
    CHECK(vote.kind == VoteKind::notarize);
    CHECK(vote.epoch == given.chain.set.epoch());
    CHECK(vote.valset_hash == given.chain.set.hash());
    CHECK(vote.view == 7);
    CHECK(vote.digest == remit::hash(domain::header, "b"));
}

TEST_CASE("statement: each thing a validator signs is known, whole", "[signer]") {
    const test::Statements given;
    const auto& chain = given.chain.chain_id;
    for (const auto& bytes :
         {given.notarize(1), given.nullify(2), given.finalize(3), given.view_answer(4),
          given.acknowledgement(), given.execution(), given.batch()}) {
        CHECK(statement_of(bytes, chain));
        CHECK(statement_of(bytes + "x", chain).error() == StatementFlaw::malformed);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(size);
            CHECK_FALSE(statement_of(ByteView(bytes).substr(0, size), chain));
        }
        CHECK(statement_of(bytes, given.chain.set.hash()).error() == StatementFlaw::foreign_chain);
    }
    CHECK(std::get<ViewStatement>(*statement_of(given.view_answer(4), chain)).view == 4);
}

TEST_CASE("statement: what another key of the network signs is unknown here", "[signer]") {
    const test::Statements given;
    const auto& chain = given.chain.chain_id;
    for (const auto& domain : {domain::govern, domain::quote, domain::header, domain::hello,
                               Domain{"remit.votes"}, Domain{""}}) {
        CHECK(statement_of(signed_bytes(domain, {chain.view(), Bytes(100, 'x')}), chain).error() ==
              StatementFlaw::unknown_domain);
    }
}

TEST_CASE("statement: a nullify with a digest, view 0 and unknown kinds are no votes", "[signer]") {
    const test::Statements given;
    const auto& chain = given.chain;
    const auto digest = remit::hash(domain::header, "a");
    const auto bad = [&](VoteKind kind, consensus::View view, const Hash& of) {
        return statement_of(consensus::vote_bytes(chain.chain_id, chain.set, kind, view, of),
                            chain.chain_id)
                   .error() == StatementFlaw::malformed;
    };
    CHECK(bad(VoteKind::nullify, 1, digest));
    CHECK(bad(VoteKind::notarize, 0, digest));
    CHECK(bad(static_cast<VoteKind>(0), 1, digest));
    CHECK(bad(static_cast<VoteKind>(4), 1, digest));
}

TEST_CASE("statement: of all operations only evidence and readiness are a validator's",
          "[signer]") {
    const auto chain = test::sample_chain;
    int allowed = 0;
    for (const auto& operation : test::every_operation()) {
        CAPTURE(ledger::name_of(ledger::verb_of(operation)));
        const auto bytes = envelope(chain, {operation});
        const auto read = statement_of(bytes, chain);
        if (!is_a_validators(operation)) {
            REQUIRE_FALSE(read);
            // Larger ones are refused before they are read.
            CHECK(read.error() == (bytes.size() > statement_bytes_max
                                       ? StatementFlaw::malformed
                                       : StatementFlaw::foreign_verb));
            continue;
        }
        ++allowed;
        REQUIRE(read);
        CHECK(std::holds_alternative<FreeStatement>(*read) ==
              std::holds_alternative<ledger::ReportEvidence>(operation));
        CHECK(statement_of(bytes, hash(domain::genesis, "another")).error() ==
              StatementFlaw::foreign_chain);
        CHECK(statement_of(bytes + "x", chain).error() == StatementFlaw::malformed);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(size);
            CHECK_FALSE(statement_of(ByteView(bytes).substr(0, size), chain));
        }
    }
    CHECK(allowed == 3);  // evidence of two kinds, and ready
}

TEST_CASE("statement: an envelope of several operations is refused, whatever they are",
          "[signer]") {
    const auto chain = test::sample_chain;
    ledger::Operation ready = ledger::Ready{};
    for (const auto& operation : test::every_operation()) {
        ready = std::holds_alternative<ledger::Ready>(operation) ? operation : ready;
    }
    const ledger::Operation payment = ledger::Accept{.uetr = test::sample_uuid(1), .screening = {}};
    CHECK(statement_of(envelope(chain, {ready, payment}), chain).error() ==
          StatementFlaw::foreign_verb);
    CHECK(statement_of(envelope(chain, {payment, ready}), chain).error() ==
          StatementFlaw::foreign_verb);
    CHECK(statement_of(envelope(chain, {ready, ready}), chain).error() ==
          StatementFlaw::foreign_verb);
    CHECK(statement_of(envelope(chain, {payment}), chain).error() == StatementFlaw::foreign_verb);
    CHECK(statement_of(envelope(chain, {ready}), chain));
}

TEST_CASE("statement: an envelope too long to be a validator's is refused unread", "[signer]") {
    const auto chain = test::sample_chain;
    for (const auto& operation : test::every_operation()) {
        if (!is_a_validators(operation)) {
            continue;
        }
        const std::vector<ledger::Operation> many(100, operation);
        const auto bytes = envelope(chain, many);
        REQUIRE(bytes.size() > statement_bytes_max);
        CHECK(statement_of(bytes, chain).error() == StatementFlaw::malformed);
    }
}
