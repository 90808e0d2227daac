#include "node/signer/statement.h"

#include <catch2/catch.hpp>

#include "test/support/signer/statements.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using consensus::VoteKind;

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
    for (const auto& domain : {domain::client, domain::govern, domain::quote, domain::header,
                               domain::hello, Domain{"remit.votes"}, Domain{""}}) {
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
