#include "node/storage/block_store.h"

#include <catch2/catch.hpp>

namespace remit::node {

TEST_CASE("block store: an executed block without a wake time has one encoding", "[node]") {
    ExecutedBlockRecord record;
    record.receipts = {"receipt"};
    const auto bytes = consensus::encode(record);
    REQUIRE(consensus::decode<ExecutedBlockRecord>(bytes) == record);
    auto changed = bytes;
    constexpr std::size_t wakes_at = (8 + 5 * 32) + 32 + 8;  // result, previous root, time
    REQUIRE(changed[wakes_at] == '\0');
    changed[wakes_at + 8] = '\1';  // the time itself
    REQUIRE_FALSE(consensus::decode<ExecutedBlockRecord>(changed).has_value());
}

}  // namespace remit::node
