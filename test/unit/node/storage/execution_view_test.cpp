#include "node/storage/execution_view.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "ledger/state/keys.h"
#include "ledger/state/memory_view.h"
#include "test/support/node/memory_kv.h"
#include "test/support/node/prng.h"

namespace remit::node {
namespace {

using ledger::keys::Table;

constexpr Table tables[] = {Table::meta,     Table::policy, Table::position,
                            Table::account,  Table::expiry, Table::remittance,
                            Table::calendar, Table::key,    Table::idempotency_expiry};

/// A view over a store and the plain truth beside it.
struct Fixture {
    test::MemoryKv kv;
    ExecutionView view{kv};
    ledger::MemoryView truth;
    test::Prng random{7, "execution view"};

    std::uint64_t below(std::uint64_t limit) { return random.below(limit); }
    Bytes a_key() {
        auto key = ledger::keys::prefix(tables[below(std::size(tables))]);
        const auto length = below(3);
        for (std::uint64_t i = 0; i < length; ++i) {
            key.push_back(static_cast<char>(below(6) * 51));  // up to 0xff
        }
        return key;
    }
    void write(const ledger::Delta::WriteSet& writes) {
        KvBatch batch;
        for (const auto& [key, value] : writes) {
            value ? batch.put(key, *value) : batch.erase(key);
        }
        REQUIRE(kv.write(batch, KvSync::buffered));
        view.apply(writes);
        truth.apply(writes);
    }
    void compare() {
        const auto key = a_key();
        const auto from = a_key();
        const auto prefix = a_key().substr(0, 1 + below(2));
        CAPTURE(to_hex(key), to_hex(from), to_hex(prefix));
        REQUIRE(view.get(key) == truth.get(key));
        REQUIRE(view.next(from, prefix) == truth.next(from, prefix));
        REQUIRE(view.next(prefix, prefix) == truth.next(prefix, prefix));
        REQUIRE(view.next(from, ByteView()) == truth.next(from, ByteView()));
    }
};

}  // namespace

TEST_CASE("execution view: reads what the store holds, whatever is written", "[node][storage]") {
    Fixture fixture;
    fixture.view.load();
    constexpr int blocks = 3'000;
    for (int block = 0; block < blocks; ++block) {
        ledger::Delta::WriteSet writes;
        for (std::uint64_t i = fixture.below(5); i > 0; --i) {
            const auto key = fixture.a_key();
            const bool put = fixture.below(3) > 0;
            writes[key] =
                put ? std::optional(Bytes(1, static_cast<char>(fixture.below(256)))) : std::nullopt;
        }
        fixture.write(writes);
        fixture.compare();
        if (fixture.below(500) == 0) {
            fixture.view.load();
        }
    }
    CHECK(fixture.truth.records().size() > 100);
}

TEST_CASE("execution view: an earlier deadline than the first is found again", "[node][storage]") {
    Fixture fixture;
    const auto at = [](char time) { return ledger::keys::prefix(Table::expiry) + time; };
    const auto first = [&] {
        const auto table = ledger::keys::prefix(Table::expiry);
        const auto record = fixture.view.next(table, table);
        return record ? record->first : Bytes("none");
    };
    fixture.view.load();
    CHECK(first() == "none");
    fixture.write({{at(5), Bytes()}, {at(9), Bytes()}});
    CHECK(first() == at(5));
    fixture.write({{at(5), std::nullopt}});
    CHECK(first() == at(9));
    fixture.write({{at(3), Bytes()}});
    CHECK(first() == at(3));
    fixture.write({{at(3), std::nullopt}, {at(9), std::nullopt}});
    CHECK(first() == "none");
    fixture.write({{at(1), Bytes()}});
    CHECK(first() == at(1));
}

TEST_CASE("execution view: of thousands of deadlines none is passed over", "[node][storage]") {
    Fixture fixture;
    const auto table = ledger::keys::prefix(Table::expiry);
    const auto at = [&](std::uint64_t time) {
        return table + static_cast<char>(time >> 8U) + static_cast<char>(time & 0xFFU);
    };
    constexpr std::uint64_t times = 4'000;
    fixture.view.load();
    std::uint64_t due = 0;  // rises as time does: what lies before goes
    for (int block = 0; block < 2'000; ++block) {
        ledger::Delta::WriteSet writes;
        for (int i = 0; i < 12; ++i) {
            const auto time = due + fixture.below(block % 3 == 0 ? 40 : times);
            writes[at(time)] = Bytes(1, static_cast<char>(fixture.below(256)));
        }
        for (std::uint64_t i = fixture.below(3); i > 0; --i) {
            const auto first = fixture.truth.next(table, table);
            if (first) {
                writes[first->first] = std::nullopt;
                due = std::min<std::uint64_t>(due + 2, times);
            }
        }
        fixture.write(writes);
        auto from = fixture.below(2) == 0 ? table : at(due + fixture.below(100));
        for (int i = 0; i < 100; ++i) {  // as a sweep asks: on and on
            const auto found = fixture.view.next(from, table);
            REQUIRE(found == fixture.truth.next(from, table));
            if (!found) {
                break;
            }
            from = ledger::key_after(found->first);
        }
    }
    CHECK(fixture.truth.records().size() > 1'000);
}

}  // namespace remit::node
