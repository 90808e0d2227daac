#include "node/replica/verify_database.h"

#include <catch2/catch.hpp>

#include "node/storage/key_schema.h"
#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using test::SingleNode;

namespace {

/// A node that has executed a few blocks and was stopped.
struct Stopped {
    SingleNode node;
    Stopped() {
        REQUIRE(node.start().empty());
        for (std::uint8_t i = 1; i <= 4; ++i) {
            node.submit(node.opening(i), 0);
            node.run_for(2000);
        }
        node.stop(false);
    }
};

/// A key of each table with a record that counts.
Bytes first_key(const test::MemoryKv& kv, const Bytes& prefix) {
    const auto found = kv.records().lower_bound(prefix);
    REQUIRE(found != kv.records().end());
    REQUIRE(found->first.starts_with(prefix));
    return found->first;
}

}  // namespace

TEST_CASE("verify database: a sound one is counted through", "[replica]") {
    Stopped stopped;
    const auto report = verify_database(stopped.node.kv, stopped.node.genesis_file);
    REQUIRE(report);
    CHECK(report->height > 0);
    CHECK(report->receipts == 4);
    CHECK(report->state_records > 20);
}

TEST_CASE("verify database: every damaged record of the state is named", "[replica]") {
    Stopped stopped;
    std::vector<Bytes> state_keys;
    for (const auto& [key, value] : stopped.node.kv.records()) {
        if (key < keys::end_of_state() && !value.empty()) {
            state_keys.push_back(key);
        }
    }
    for (const auto& key : state_keys) {
        const auto before = stopped.node.kv;
        stopped.node.kv.damage(key, 0);
        const auto report = verify_database(stopped.node.kv, stopped.node.genesis_file);
        REQUIRE_FALSE(report);
        CHECK(report.error().record == "record " + to_hex(key));
        stopped.node.kv = before;
    }
}

TEST_CASE("verify database: damage of the node's own tables is found", "[replica]") {
    Stopped stopped;
    const auto table =
        GENERATE(keys::Table::block, keys::Table::executed, keys::Table::height_of,
                 keys::Table::transaction, keys::Table::batch, keys::Table::execution);
    CAPTURE(static_cast<int>(table));
    auto key = first_key(stopped.node.kv, keys::prefix(table));
    const auto size = stopped.node.kv.records().at(key).size();
    std::size_t missed = 0;
    for (std::size_t at = 0; at < size; ++at) {
        const auto before = stopped.node.kv;
        stopped.node.kv.damage(key, at);
        if (verify_database(stopped.node.kv, stopped.node.genesis_file)) {
            ++missed;
        }
        stopped.node.kv = before;
    }
    CHECK(missed == 0);
}

TEST_CASE("verify database: another genesis is refused", "[replica]") {
    Stopped stopped;
    SingleNode other;
    auto genesis = other.chain.genesis;
    genesis.network = "other";
    const auto report = verify_database(stopped.node.kv, ledger::encode_genesis(genesis));
    REQUIRE_FALSE(report);
    CHECK(report.error().record == "chain id");
}

TEST_CASE("execution: a flipped byte in the state is refused at start", "[replica]") {
    Stopped stopped;
    stopped.node.kv.damage(ledger::keys::policy(), 3);
    CHECK(stopped.node.start().find("db verify") != std::string::npos);
}
