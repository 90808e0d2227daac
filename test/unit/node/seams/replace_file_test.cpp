#include <catch2/catch.hpp>

#include "test/support/node/memory_disk.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)
using test::MemoryDisk;
using test::Prng;

namespace {
constexpr std::uint64_t power_cuts = 64;
const std::string path = "folder/high_water";
}  // namespace

TEST_CASE("disk: what replace_file has done outlives a power cut", "[seams]") {
    for (std::uint64_t seed = 0; seed < power_cuts; ++seed) {
        CAPTURE(seed);
        Prng random(seed, "power");
        MemoryDisk disk;
        REQUIRE(replace_file(disk, path, "old"));
        REQUIRE(replace_file(disk, path, "new"));
        disk.cut_power(random);
        const auto found = read_file(disk, path);
        REQUIRE(found);
        CHECK(*found == "new");
    }
}

TEST_CASE("disk: a power cut within replace_file leaves the old content whole", "[seams]") {
    for (std::uint64_t seed = 0; seed < power_cuts; ++seed) {
        CAPTURE(seed);
        Prng random(seed, "power");
        MemoryDisk disk;
        REQUIRE(replace_file(disk, path, "old"));
        disk.before_sync = [] { throw test::PowerLoss{}; };
        CHECK_THROWS_AS(replace_file(disk, path, "new"), test::PowerLoss);
        disk.before_sync = nullptr;
        disk.cut_power(random);
        const auto found = read_file(disk, path);
        REQUIRE(found);
        CHECK(*found == "old");
        // What the cut left beside it is in nobody's way.
        REQUIRE(replace_file(disk, path, "newer"));
        CHECK(*read_file(disk, path) == "newer");
    }
}
