#include "node/api/read_shares.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace remit::node {
namespace {

TransportPin key_of(unsigned number) {
    TransportPin out;
    out.data[0] = static_cast<std::uint8_t>(number);
    out.data[1] = static_cast<std::uint8_t>(number >> 8U);
    return out;
}

}  // namespace

TEST_CASE("read shares: a key that spent its time waits, the others do not", "[node][api]") {
    ReadShares shares(100ms);
    const ReadShares::Time start = std::chrono::steady_clock::now();
    REQUIRE(shares.may_read(key_of(1), start));
    shares.spend(key_of(1), 199ms, start);
    REQUIRE(shares.may_read(key_of(1), start));  // the last read may take it over
    shares.spend(key_of(1), 51ms, start);
    REQUIRE_FALSE(shares.may_read(key_of(1), start));
    REQUIRE(shares.may_read(key_of(2), start));
    // 250 ms were taken of 200: a tenth of each second comes back.
    REQUIRE_FALSE(shares.may_read(key_of(1), start + 500ms));
    REQUIRE(shares.may_read(key_of(1), start + 501ms));
}

TEST_CASE("read shares: nobody saves up for longer than two seconds", "[node][api]") {
    ReadShares shares(100ms);
    const ReadShares::Time start = std::chrono::steady_clock::now();
    shares.spend(key_of(1), 10ms, start);
    const auto later = start + std::chrono::hours(24 * 365);
    REQUIRE(shares.may_read(key_of(1), later));
    shares.spend(key_of(1), 200ms, later);
    REQUIRE_FALSE(shares.may_read(key_of(1), later));
}

TEST_CASE("read shares: keys that have rested are forgotten", "[node][api]") {
    ReadShares shares(100ms);
    const ReadShares::Time start = std::chrono::steady_clock::now();
    for (unsigned number = 0; number < 5000; ++number) {
        shares.spend(key_of(number), 1ms, start + number * 1ms);
    }
    REQUIRE(shares.keys() <= 1024);
}

TEST_CASE("read shares: a small machine's keys may take one processor", "[node][api]") {
    REQUIRE(ReadShares::usual(0) == 1s);
    REQUIRE(ReadShares::usual(2) == 1s);
    REQUIRE(ReadShares::usual(16) == 8s);
}

}  // namespace remit::node
