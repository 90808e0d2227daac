#include <catch2/catch.hpp>

#include "consensus/safety_rules.h"
#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;

namespace {

/// A key that is away when told so.
class MoodySigner final : public Signer {
public:
    explicit MoodySigner(const test::SeedSigner& key) : key_(key) {}
    bool away = false;
    mutable int asked = 0;
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        ++asked;
        return away ? std::nullopt : key_.signature_of(message);
    }

private:
    const test::SeedSigner& key_;
};

/// A validator alone: everything it orders waits for its own signatures.
struct Alone {
    Chain chain{1};
    test::Disk disk;
    MoodySigner signer{*chain.signers[0]};
    Engine engine{{.chain_id = chain.chain_id,
                   .validators = chain.set,
                   .self = 0,
                   .params = chain.params,
                   .genesis = chain.genesis},
                  signer,
                  disk};
    std::int64_t now_ms = 1000;
    std::size_t commits = 0;
    std::size_t results = 0;
    int steps = 0;

    Alone() { take(engine.start({}, now()).output); }
    [[nodiscard]] Now now() const {
        return {now_ms, test::VirtualNetwork::wall_offset_ms + now_ms};
    }
    void take(Output output) {
        for (const auto& commit : output.commits) {
            ++commits;
            disk.blocks[commit.header.height] =
                StoredBlock{commit.header, std::nullopt, std::nullopt};
            take(engine.step(BlockExecuted{{.height = commit.header.height,
                                            .block_digest = commit.header.digest(),
                                            .state_root = {},
                                            .receipts_root = {},
                                            .snapshot_root = {},
                                            .next_epoch_hash = {}}},
                             now()));
        }
        results += output.execution_proofs.size();
    }
    void submit(const Bytes& item, std::uint64_t token) {
        take(engine.step(SubmitItems{{{token, item}}}, now()));
    }
    void run_for(std::int64_t ms) {
        for (const auto until = now_ms + ms; now_ms < until; ++steps) {
            const auto next = engine.next_deadline();
            REQUIRE((!next || *next > now_ms || steps < 100'000));
            now_ms = next ? std::clamp(*next, now_ms, until) : until;
            take(engine.step(Tick{}, now()));
        }
    }
};

}  // namespace

TEST_CASE("absent signer: SafetyRules sign nothing, remember nothing, and sign later",
          "[consensus]") {
    const Chain chain(4);
    MoodySigner signer(*chain.signers[0]);
    SafetyRules rules(chain.chain_id, chain.set, 0, chain.genesis.digest(), signer);
    const auto header = chain.child(chain.genesis, 1);
    const auto next = chain.child(header, 2);
    const auto notarization = chain.certificate(VoteKind::notarize, 1, header.digest(), {1, 2, 3});
    const ParentProof proof{.parent = notarization, .nullifications = {}};
    signer.away = true;
    CHECK(rules.notarize(next, proof, std::nullopt).error() == SafetyRefusal::not_signed);
    CHECK(rules.nullify(2, std::nullopt).error() == SafetyRefusal::not_signed);
    CHECK(rules.finalize(notarization, std::nullopt).error() == SafetyRefusal::not_signed);
    CHECK(rules.highest_view() == 0);
    signer.away = false;
    const auto vote = rules.notarize(next, proof, std::nullopt);
    REQUIRE(vote);
    // The certificate that justifies it was not counted as journaled by the refused attempt.
    REQUIRE(vote->records.size() == 3);
    CHECK(vote->records[0].type == RecordType::certificate);
    CHECK(rules.finalize(notarization, std::nullopt).has_value());
}

TEST_CASE("absent signer: the engine waits without spinning and goes on when it is back",
          "[consensus]") {
    Alone node;
    node.submit("before", 1);
    node.run_for(1000);
    const auto before = node.commits;
    REQUIRE(before > 0);
    node.signer.away = true;
    node.signer.asked = 0;
    node.steps = 0;
    node.submit("meanwhile", 2);
    node.run_for(10'000);
    CHECK(node.commits == before);
    CHECK_FALSE(node.engine.metrics().voting);
    CHECK(node.engine.metrics().signatures_missing > 0);
    CHECK(node.signer.asked <= 201);  // every 50 ms at most
    CHECK(node.steps < 1000);
    node.signer.away = false;
    node.run_for(5000);
    CHECK(node.commits > before);
    CHECK(node.results == node.commits);
    CHECK(node.engine.metrics().voting);
}

TEST_CASE("absent signer: a result that could not be signed is signed when it is back",
          "[consensus]") {
    Alone node;
    node.submit("pay", 1);
    // Away for the execution's vote alone: no result is proven, until it is asked again.
    node.signer.away = true;
    node.run_for(500);
    node.signer.away = false;
    node.run_for(100);
    node.signer.away = true;
    node.run_for(3000);
    node.signer.away = false;
    node.run_for(6000);
    CHECK(node.commits > 0);
    CHECK(node.results == node.commits);
}

TEST_CASE("absent signer: more items than one batch holds are told to come again", "[consensus]") {
    Alone node;
    node.signer.away = true;
    std::size_t refused = 0;
    for (std::uint64_t token = 1; token <= 6; ++token) {
        auto output = node.engine.step(SubmitItems{{{token, Bytes(100'000, 'x')}}}, node.now());
        refused += output.refused.size();
    }
    CHECK(refused == 4);  // two of 100 kB fit into a batch of 256 KiB
    node.signer.away = false;
    node.run_for(5000);
    CHECK(node.commits > 0);
}
