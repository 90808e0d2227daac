#include "node/replica/compare_state.h"

#include <catch2/catch.hpp>

#include "ledger/account.h"
#include "test/support/node/single_node.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using test::SingleNode;

namespace {

/// A node with some blocks behind it.
void run(SingleNode& node) {
    REQUIRE(node.start().empty());
    for (std::uint8_t tag = 1; tag <= 5; ++tag) {
        node.submit(node.opening(tag), 1000);
        node.run_for(1001);
    }
}

ledger::MemoryView stored(const SingleNode& node) {
    auto state = stored_state(node.kv);
    REQUIRE(state);
    return std::move(*state);
}

ReplayedState replayed(const SingleNode& node) {
    auto state = replayed_state(
        node.kv, node.chain,
        {.height = node.execution->height(), .root_at = node.execution->height(), .go_on = {}});
    REQUIRE(state);
    return std::move(*state);
}

}  // namespace

TEST_CASE("compare state: the blocks of a sound node give its state and its root",
          "[replica][divergence]") {
    SingleNode node;
    run(node);
    const auto again = replayed(node);
    CHECK(again.root_at == node.reads->latest()->state_root);
    const auto difference = compare_states(stored(node), again.view);
    CHECK(difference.records == 0);
    CHECK_FALSE(difference.first);
    CHECK(table_digests(stored(node)) == table_digests(again.view));
    CHECK(difference.tables.size() >= 10);
    for (const auto& table : difference.tables) {
        CHECK(table.here == table.there);
        CHECK(table.here.records > 0);
        CHECK_FALSE(table_name(table.here.table).starts_with("0x"));
    }
    CHECK_THAT(text_of(difference, "stored", "replayed"), Catch::Contains("no record differs"));
}

TEST_CASE("compare state: a changed, a lost and a foreign record are found, the first one named",
          "[replica][divergence]") {
    SingleNode node;
    run(node);
    const auto sound = stored(node);
    const auto accounts = ledger::keys::prefix(ledger::keys::Table::account);
    const auto account = sound.next(accounts, accounts);
    REQUIRE(account);
    const auto second = sound.next(ledger::key_after(account->first), accounts);
    REQUIRE(second);

    auto changed = sound;
    auto value = account->second;
    value.back() = static_cast<char>(value.back() ^ 1);
    changed.put(account->first, value);
    auto difference = compare_states(changed, sound);
    CHECK(difference.records == 1);
    REQUIRE(difference.first);
    CHECK(difference.first->key == account->first);
    CHECK(difference.first->here == value);
    CHECK(difference.first->there == account->second);
    for (const auto& table : difference.tables) {
        const bool touched = table_name(table.here.table) == "account";
        CHECK((table.here == table.there) != touched);
    }
    const auto text = text_of(difference, "stored", "replayed");
    CHECK_THAT(text, Catch::Contains("1 records differ, the first one in account") &&
                         Catch::Contains(to_hex(account->first)));

    changed.erase(second->first);
    const Bytes foreign = accounts + "zzz";
    changed.put(foreign, "nobody wrote this");
    difference = compare_states(changed, sound);
    CHECK(difference.records == 3);
    CHECK(difference.first->key == account->first);
    // From either side.
    difference = compare_states(sound, changed);
    CHECK(difference.records == 3);
    changed.put(account->first, account->second);
    difference = compare_states(changed, sound);
    CHECK(difference.records == 2);
    CHECK(difference.first->key == second->first);
    CHECK_FALSE(difference.first->here);
    CHECK(difference.first->there == second->second);
}

TEST_CASE("compare state: what cannot be replayed is said, and it stops when it is told",
          "[replica][divergence]") {
    SingleNode node;
    run(node);
    const auto height = node.execution->height();
    const auto beyond =
        replayed_state(node.kv, node.chain, {.height = height + 1, .root_at = 0, .go_on = {}});
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().text == "it is missing");
    int asked = 0;
    const auto ended =
        replayed_state(node.kv, node.chain,
                       {.height = height, .root_at = 0, .go_on = [&asked] { return ++asked < 3; }});
    REQUIRE_FALSE(ended);
    CHECK(ended.error().record == "height 3");
}
