#include "node/signer/vote_keeper.h"

#include <catch2/catch.hpp>

#include "ledger/wire/encode.h"
#include "test/support/signer/statements.h"
#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using node::IoFailure;

namespace {

const std::string first_segment = "journal/segment-0000000000000001.journal";

std::optional<Refusal> refusal(VoteKeeper& keeper, const Bytes& statement) {
    const auto signature = keeper.sign(statement);
    return signature ? std::nullopt : std::optional(signature.error());
}

/// The bytes of a synced file, on the disk itself.
void flip(test::MemoryDisk& disk, const std::string& path, std::size_t at) {
    auto file = disk.open(path, node::OpenMode::write).value();
    auto byte = file->read(at, 1).value();
    byte[0] = static_cast<char>(byte[0] ^ 0x40);
    REQUIRE(file->write(at, {byte}));
    REQUIRE(file->sync());
}

}  // namespace

TEST_CASE("vote keeper: every statement gets the signature of the key", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    auto keeper = given.open().value();
    const auto& says = given.statements;
    for (const auto& bytes : {says.notarize(1), says.finalize(1), says.nullify(2), says.batch(),
                              says.acknowledgement(), says.execution(), says.view_answer(2)}) {
        const auto signature = keeper->sign(bytes);
        REQUIRE(signature);
        CHECK(*signature == says.key().sign(bytes));
    }
    CHECK(keeper->status().votes == 3);
    CHECK(refusal(*keeper, "sign this, please") == Refusal::malformed);
    CHECK(refusal(*keeper, signed_bytes(domain::client, {says.chain.chain_id.view(), "body"})) ==
          Refusal::malformed);
    CHECK(refusal(*keeper, signed_bytes(domain::govern, {says.chain.chain_id.view(), "body"})) ==
          Refusal::unknown_domain);
}

TEST_CASE("vote keeper: a vote is durable before its signature leaves", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    auto keeper = given.open().value();
    const auto& says = given.statements;
    // The power goes at the sync: the vote may be there or not, its signature is not.
    given.disk.before_sync = [] { throw test::PowerLoss(); };
    CHECK_THROWS_AS(keeper->sign(says.notarize(1)), test::PowerLoss);
    given.disk.before_sync = nullptr;
    keeper = given.open().value();
    REQUIRE(keeper->sign(says.notarize(1)).has_value());
    std::uint64_t syncs = given.disk.syncs;
    REQUIRE(keeper->sign(says.notarize(2, 'b')).has_value());
    CHECK(given.disk.syncs == syncs + 1);
    syncs = given.disk.syncs;
    REQUIRE(keeper->sign(says.notarize(2, 'b')).has_value());
    REQUIRE(keeper->sign(says.batch()).has_value());
    CHECK(given.disk.syncs == syncs);  // nothing new to remember
    keeper.reset();
    given.disk.cut_power(given.random);
    keeper = given.open().value();
    CHECK(refusal(*keeper, says.notarize(2, 'a')) == Refusal::already_notarized);
    CHECK(keeper->sign(says.notarize(2, 'b')).has_value());
}

TEST_CASE("vote keeper: no cut of the power at any moment makes it vote twice", "[signer]") {
    const auto seed = GENERATE(range(1U, 5U));
    test::SignerDisk given;
    given.random = test::Prng(seed, "signer");
    REQUIRE(given.init());
    auto keeper = given.open().value();
    std::map<std::pair<consensus::View, int>, char> sent;
    for (consensus::View view = 1; view <= 24; ++view) {
        if (given.random.below(4) == 0) {
            given.disk.before_sync = [] { throw test::PowerLoss(); };
        }
        for (int ask = 0; ask < 3; ++ask) {
            const auto back = view > 2 ? given.random.below(3) : 0;
            const auto block = static_cast<char>('a' + given.random.below(2));
            const auto kind = static_cast<int>(1 + given.random.below(3));
            const auto bytes =
                given.statements.vote(static_cast<consensus::VoteKind>(kind), view - back, block);
            try {
                if (keeper->sign(bytes)) {
                    const auto [place, fresh] = sent.try_emplace({view - back, kind}, block);
                    REQUIRE((fresh || place->second == block || kind == 2));
                    REQUIRE_FALSE(
                        (sent.contains({view - back, 2}) && sent.contains({view - back, 3})));
                }
            } catch (const test::PowerLoss&) {
                given.disk.before_sync = nullptr;
                keeper.reset();
                given.disk.cut_power(given.random);
                keeper = given.open().value();
                REQUIRE_FALSE(keeper->status().locked);
            }
        }
        given.disk.before_sync = nullptr;
    }
    CHECK(sent.size() > 15);
}

TEST_CASE("vote keeper: without a journal it does not start, with one it is not begun anew",
          "[signer]") {
    test::SignerDisk given;
    CHECK(given.open().error().failure == IoFailure::not_found);
    REQUIRE(given.init());
    CHECK(given.init().error().failure == IoFailure::corrupt);
}

TEST_CASE("vote keeper: the first view it may vote in holds for ever", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init(100));
    auto keeper = given.open().value();
    CHECK(refusal(*keeper, given.statements.notarize(99)) == Refusal::below_floor);
    CHECK_FALSE(refusal(*keeper, given.statements.notarize(100)));
    // Nor does it say to be where it has not come yet.
    CHECK(refusal(*keeper, given.statements.view_answer(99)) == Refusal::view_gone_back);
    keeper = given.open().value();
    CHECK(refusal(*keeper, given.statements.notarize(99)) == Refusal::below_floor);
}

TEST_CASE("vote keeper: a damaged journal locks it until it is raised", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    const auto& says = given.statements;
    {
        auto keeper = given.open().value();
        for (consensus::View view = 1; view <= 9; ++view) {
            REQUIRE(keeper->sign(says.notarize(view)).has_value());
        }
        REQUIRE(keeper->close());
    }
    flip(given.disk, first_segment, 300);
    for (int start = 0; start < 2; ++start) {  // a restart does not forget that it is locked
        auto keeper = given.open().value();
        CHECK(keeper->status().locked);
        CHECK(refusal(*keeper, says.notarize(20)) == Refusal::locked);
        CHECK(refusal(*keeper, says.acknowledgement()) == Refusal::locked);
        CHECK(refusal(*keeper, says.view_answer(20)) == Refusal::locked);
        CHECK_FALSE(refusal(*keeper, says.execution()));  // execution gives it again
        given.disk.cut_power(given.random);
    }
    {
        auto keeper = given.open().value();
        REQUIRE(keeper->raise(says.place(12)));
    }
    auto keeper = given.open().value();
    CHECK_FALSE(keeper->status().locked);
    CHECK(refusal(*keeper, says.notarize(11, 'b')) == Refusal::below_floor);
    CHECK_FALSE(refusal(*keeper, says.notarize(12, 'b')));
}

TEST_CASE("vote keeper: a locked one signs evidence, and says not that it is ready", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    const auto& says = given.statements;
    const auto envelope = [&](const ledger::Operation& operation) {
        return signed_bytes(domain::client,
                            {says.chain.chain_id.view(),
                             ledger::wire::encode_body(test::sample_transaction(operation))});
    };
    const auto evidence = envelope(test::every_operation().back());
    const auto ready =
        envelope(ledger::Ready{.as_of_height = 77, .version_min = 1, .version_max = 2});
    const auto payment = envelope(ledger::ReturnAccept{.return_id = test::sample_uuid(4)});
    {
        auto keeper = given.open().value();
        CHECK(keeper->sign(evidence).value() == says.key().sign(evidence));
        CHECK(keeper->sign(ready).value() == says.key().sign(ready));
        CHECK(refusal(*keeper, payment) == Refusal::foreign_verb);
        REQUIRE(keeper->close());
    }
    flip(given.disk, first_segment, 100);
    auto keeper = given.open().value();
    REQUIRE(keeper->status().locked);
    CHECK(keeper->sign(evidence).value() == says.key().sign(evidence));
    CHECK(refusal(*keeper, ready) == Refusal::locked);
    CHECK(refusal(*keeper, payment) == Refusal::foreign_verb);
}

TEST_CASE("vote keeper: an old copy of its journal is known by a vote that the node shows",
          "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    const auto& says = given.statements;
    const auto old = [&] {
        auto keeper = given.open().value();
        REQUIRE(keeper->sign(says.notarize(1)).has_value());
        REQUIRE(keeper->close());
        std::map<std::string, Bytes> files;
        const auto names = given.disk.list("journal").value();
        for (const auto& name : names) {
            files["journal/" + name] = read_file(given.disk, "journal/" + name).value();
        }
        return files;
    }();
    {
        auto keeper = given.open().value();
        REQUIRE(keeper->sign(says.notarize(2)).has_value());
    }
    for (const auto& [path, bytes] : old) {
        auto file = given.disk.open(path, node::OpenMode::write).value();
        REQUIRE(file->write(0, {bytes}));
        REQUIRE(file->sync());
    }
    auto keeper = given.open().value();
    REQUIRE_FALSE(keeper->status().locked);  // from inside it looks sound
    const Hello known{.chain_id = says.chain.chain_id,
                      .newest_votes = {says.is_signed(says.notarize(1))}};
    REQUIRE_FALSE(keeper->hello(known)->locked);
    auto forged = known;
    forged.newest_votes = {{says.notarize(2), says.chain.signers[1]->sign(says.notarize(2))}};
    REQUIRE_FALSE(keeper->hello(forged)->locked);  // another's signature proves nothing
    auto shown = known;
    shown.newest_votes.push_back(says.is_signed(says.notarize(2)));
    CHECK(keeper->hello(shown)->locked);
    CHECK_THAT(keeper->lost(), Catch::Contains("view 2"));
    CHECK(refusal(*keeper, says.notarize(2, 'b')) == Refusal::locked);
    keeper = given.open().value();
    CHECK(keeper->status().locked);
}

TEST_CASE("vote keeper: a node of another chain or version is not served", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    auto keeper = given.open().value();
    Hello hello{.chain_id = given.statements.chain.set.hash(), .newest_votes = {}};
    CHECK(keeper->hello(hello).error() == Refusal::foreign_chain);
    hello.chain_id = given.statements.chain.chain_id;
    hello.version = 2;
    CHECK(keeper->hello(hello).error() == Refusal::unknown_version);
    CHECK(refusal(*keeper, consensus::vote_bytes(
                               given.statements.chain.set.hash(), given.statements.chain.set,
                               consensus::VoteKind::nullify, 1, Hash{})) == Refusal::foreign_chain);
}

TEST_CASE("vote keeper: old segments go, and what they held stays refused", "[signer]") {
    test::SignerDisk given;
    REQUIRE(given.init());
    const auto& says = given.statements;
    constexpr consensus::View last = 46'000;
    {
        auto keeper = given.open().value();
        for (consensus::View view = 1; view <= last; ++view) {
            REQUIRE(keeper->sign(says.notarize(view)).has_value());
        }
    }
    const auto files = given.disk.list("journal").value();
    CHECK(files.size() <= 4);
    CHECK_FALSE(given.disk.exists(first_segment));
    auto keeper = given.open().value();
    CHECK(refusal(*keeper, says.notarize(1, 'b')) == Refusal::below_floor);
    CHECK(refusal(*keeper, says.notarize(last, 'b')) == Refusal::already_notarized);
    CHECK(keeper->status().highest.view == last);
}
