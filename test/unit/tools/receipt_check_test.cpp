#include "tools/cli/receipt_check.h"

#include <catch2/catch.hpp>

#include "ledger/genesis.h"
#include "ledger/state/receipts_tree.h"
#include "node/storage/chain.h"
#include "node/storage/receipt_proof.h"
#include "tools/devnet/configuration.h"
#include "tools/devnet/genesis_file.h"

namespace remit::cli {
namespace {

constexpr std::int64_t start_ms = 1'735'660'800'000;  // 2024-12-31 16:00:00 UTC

/// A devnet's genesis and a receipt its validators made final, as files.
struct Files {
    Bytes genesis;
    Bytes proof;
    ledger::Receipt receipt;
};

ledger::Receipt a_receipt(std::uint32_t index) {
    ledger::Receipt receipt;
    receipt.transaction = hash(domain::client, "a transaction");
    receipt.operation_index = index;
    receipt.height = 1;
    receipt.time = {start_ms + 1'000};
    receipt.participant = {1};
    receipt.verb = ledger::Verb::prepare;
    receipt.source = {{devnet::hkd_id}, 100'000};
    receipt.target = {{devnet::php_id}, 747'353};
    return receipt;
}

consensus::Signers signed_by_quorum(const devnet::Network& network,
                                    const devnet::Identities& identities,
                                    const consensus::ValidatorSet& set, ByteView message) {
    consensus::SignatureMap signatures;
    for (std::size_t i = 0; i < set.size(); ++i) {
        const SecretKey key(identities.seeds.at(network.members[i].name).at(KeyPurpose::validate));
        REQUIRE(key.public_key() == set.key(static_cast<consensus::ValidatorIndex>(i)));
        signatures[static_cast<consensus::ValidatorIndex>(i)] = key.sign(message);
    }
    return consensus::Signers::from(signatures, set.q(), set.size());
}

Files make_files() {
    devnet::Plan plan;
    plan.folder = "/nonexistent";
    plan.gateways = false;
    const auto network = devnet::lay_out(plan, devnet::Ports{7000}, "/nonexistent");
    const auto identities = devnet::draw_identities(network).value();
    Files files;
    files.genesis = ledger::encode_genesis(
        devnet::make_genesis(plan, network, identities, BlockTime{start_ms}));
    const auto chain = node::chain_of(files.genesis).value();

    std::vector<Bytes> receipts;
    for (std::uint32_t i = 0; i < 5; ++i) {
        receipts.push_back(ledger::encode(a_receipt(i)));
    }
    files.receipt = a_receipt(3);
    const ledger::ReceiptsTree tree(receipts);
    const auto before = ledger::initial_receipts_root();

    consensus::Header header;
    header.epoch = chain.validators.epoch();
    header.view = 1;
    header.height = 1;
    header.parent_digest = chain.header.digest();
    header.time_ms = start_ms + 1'000;
    node::PortableReceipt proof;
    proof.chain_id = chain.id;
    proof.receipt = receipts[3];
    proof.receipt_proof = tree.prove(3, before).encode();
    proof.headers = {header};
    auto& result = proof.execution.result;
    result.height = 1;
    result.block_digest = header.digest();
    result.state_root = chain.state_root;
    result.receipts_root = tree.receipts_root(before);
    proof.execution.epoch = chain.validators.epoch();
    proof.execution.valset_hash = chain.validators.hash();
    proof.execution.signers =
        signed_by_quorum(network, identities, chain.validators,
                         consensus::execution_bytes(chain.id, chain.validators, result));
    auto& final = proof.finalization;
    final.kind = consensus::VoteKind::finalize;
    final.epoch = chain.validators.epoch();
    final.view = 1;
    final.digest = header.digest();
    final.valset_hash = chain.validators.hash();
    final.signers = signed_by_quorum(
        network, identities, chain.validators,
        consensus::vote_bytes(chain.id, chain.validators, final.kind, final.view, final.digest));
    files.proof = proof.encode();
    return files;
}

}  // namespace

TEST_CASE("verify: a receipt the validators made final is proven", "[cli][verify]") {
    const auto files = make_files();
    const auto checked = check_receipt(files.proof, files.genesis);
    if (!checked) {
        FAIL(checked.error().code << ": " << checked.error().message);
    }
    CHECK(checked->receipt == files.receipt);
    CHECK(checked->executed_by == 3);
    CHECK(checked->finalized_by == 3);
    CHECK(files.proof.size() < 4096);
}

TEST_CASE("verify: any changed byte of the proof fails with exit 7", "[cli][verify]") {
    const auto files = make_files();
    for (std::size_t i = 0; i < files.proof.size(); ++i) {
        auto changed = files.proof;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const auto checked = check_receipt(changed, files.genesis);
        CAPTURE(i);
        REQUIRE_FALSE(checked.has_value());
        REQUIRE(checked.error().exit == ExitCode::bad_configuration);
    }
}

TEST_CASE("verify: changed bytes of the genesis fail with exit 7", "[cli][verify]") {
    const auto files = make_files();
    constexpr std::size_t stride = 97;
    for (std::size_t i = 0; i < files.genesis.size(); i += i < 64 ? 1 : stride) {
        auto changed = files.genesis;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const auto checked = check_receipt(files.proof, changed);
        CAPTURE(i);
        REQUIRE_FALSE(checked.has_value());
        REQUIRE(checked.error().exit == ExitCode::bad_configuration);
    }
}

TEST_CASE("verify: cut, lengthened and empty files fail", "[cli][verify]") {
    const auto files = make_files();
    CHECK_FALSE(check_receipt(files.proof.substr(0, files.proof.size() - 1), files.genesis));
    CHECK_FALSE(check_receipt(files.proof + "x", files.genesis));
    CHECK_FALSE(check_receipt("", files.genesis));
    CHECK_FALSE(check_receipt(files.proof, ""));
    CHECK(check_receipt(files.proof, "").error().code == "BAD_GENESIS");
    const auto other = make_files();
    CHECK(check_receipt(files.proof, other.genesis).error().code == "WRONG_CHAIN");
}

}  // namespace remit::cli
