#include "ledger/state/delta.h"

#include <catch2/catch.hpp>
#include <vector>

#include "ledger/state/memory_view.h"

using remit::Bytes;
using remit::ByteView;
using namespace remit::ledger;

namespace {
std::vector<Record> all(const StateView& view, ByteView prefix) {
    std::vector<Record> out;
    scan(view, prefix, [&](ByteView key, ByteView value) {
        out.emplace_back(Bytes(key), Bytes(value));
        return true;
    });
    return out;
}
}  // namespace

TEST_CASE("delta: reads through to its base and hides what it erased") {
    MemoryView base;
    base.put("a1", "one");
    base.put("a3", "three");
    Delta delta(base);
    delta.put("a2", "two");
    delta.put("a3", "new three");
    delta.erase("a1");
    REQUIRE_FALSE(delta.get("a1"));
    REQUIRE(delta.get("a2") == "two");
    REQUIRE(delta.get("a3") == "new three");
    REQUIRE(base.get("a3") == "three");
    REQUIRE(all(delta, "a") == std::vector<Record>{{"a2", "two"}, {"a3", "new three"}});
}

TEST_CASE("delta: a scan stays within its prefix and in key order") {
    MemoryView base;
    base.put("a", "0");
    base.put("b2", "2");
    base.put("b9", "9");
    base.put("c", "x");
    Delta delta(base);
    delta.put("b1", "1");
    delta.put("b5", "5");
    delta.put("bz", "z");
    delta.erase("bz");
    delta.put("aa", "0");
    REQUIRE(all(delta, "b") ==
            std::vector<Record>{{"b1", "1"}, {"b2", "2"}, {"b5", "5"}, {"b9", "9"}});
    REQUIRE(delta.next("b3", "b")->first == "b5");
    REQUIRE_FALSE(delta.next("bx", "b"));
}

TEST_CASE("delta: a failed attempt leaves nothing, a merged one leaves all") {
    MemoryView base;
    base.put("k", "base");
    Delta block(base);
    block.put("m", "block");
    {
        Delta attempt = block.nested();
        attempt.put("k", "attempt");
        attempt.erase("m");
        REQUIRE_FALSE(attempt.get("m"));
    }
    REQUIRE(block.get("k") == "base");
    Delta attempt = block.nested();
    attempt.put("k", "attempt");
    attempt.erase("m");
    block.merge(std::move(attempt));
    REQUIRE(block.get("k") == "attempt");
    REQUIRE_FALSE(block.get("m"));
    base.apply(block.write_set());
    REQUIRE(all(base, "") == std::vector<Record>{{"k", "attempt"}});
    block.rollback();
    REQUIRE(block.empty());
}

TEST_CASE("delta: a record may be rewritten or erased while it is scanned") {
    MemoryView base;
    for (char c = 'a'; c <= 'f'; ++c) {
        base.put(std::string("p") + c, "old");
    }
    Delta delta(base);
    scan(delta, "p", [&](ByteView key, ByteView) {
        const Bytes here(key);
        if (here == "pc") {
            delta.erase(here);
        } else {
            delta.put(here, "new");
        }
        return true;
    });
    REQUIRE(all(delta, "p").size() == 5);
    for (const auto& [key, value] : all(delta, "p")) {
        REQUIRE(value == "new");
    }
}
